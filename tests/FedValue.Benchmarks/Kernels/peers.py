"""The peer of the kernel benchmark: numpy, one line of work at a time.

Reads "sgemm m k n threads" from standard input and answers "seconds processor-seconds" of one fp32 product. The number of threads is that of
OPENBLAS_NUM_THREADS. The first line it writes names what numpy multiplies with.
"""
import ctypes
import sys
import time

import numpy as np


def library():
    np.ones((2, 2), np.float32) @ np.ones((2, 2), np.float32)
    with open("/proc/self/maps") as maps:
        files = sorted({line.split()[-1] for line in maps if "openblas" in line})
    for file in files:
        blas = ctypes.CDLL(file)
        if hasattr(blas, "openblas_get_corename"):
            blas.openblas_get_corename.restype = blas.openblas_get_config.restype = ctypes.c_char_p
            version = blas.openblas_get_config().decode().split()[1]
            return f"OpenBLAS {version} {blas.openblas_get_corename().decode()}"
    return "another BLAS than OpenBLAS"


def main():
    print(f"{library()}, numpy {np.__version__}", flush=True)
    random = np.random.default_rng(1)
    matrices = {}
    for line in sys.stdin:
        _, m, k, n, _ = line.split()
        shape = int(m), int(k), int(n)
        if shape not in matrices:
            a = random.random((shape[0], shape[1]), np.float32) - np.float32(0.5)
            b = random.random((shape[1], shape[2]), np.float32) - np.float32(0.5)
            matrices[shape] = a, b, np.empty((shape[0], shape[2]), np.float32)
        a, b, c = matrices[shape]
        start, processor = time.perf_counter(), time.process_time()
        np.matmul(a, b, out=c)
        print(time.perf_counter() - start, time.process_time() - processor, flush=True)


main()
