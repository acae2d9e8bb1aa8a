"""The peer of the round kernels: numpy's fp32 calls for the same figures. Names itself and its BLAS, then answers each line on stdin with the
seconds and the processor seconds that the task took."""
import os
import sys
import time

import numpy as np

n, d = int(sys.argv[1]), int(sys.argv[2])
random = np.random.default_rng(0)
X = random.random((n, d), dtype=np.float32) - np.float32(0.5)
gradient = X[0].copy()
weights = ((np.arange(n) + 1) / (n * (n + 1) / 2)).astype(np.float32)
total, mean = X.sum(0), np.empty(d, np.float32)  # results of d numbers are written where memory is there already, as ours are


def statistics():
    np.matmul(weights, X, out=mean)
    np.einsum("ij,ij->i", X, X)
    X @ gradient
    X.sum(0, out=total)
    X @ total


tasks = {"statistics": statistics, "gram": lambda: X @ X.T}
with open("/proc/self/maps") as maps:
    files = {os.path.basename(line.split()[-1]) for line in maps if "openblas" in line}
print(f"numpy {np.__version__} with {', '.join(sorted(name for name in files if 'openblas' in name)) or 'a BLAS that is not OpenBLAS'}", flush=True)
for line in sys.stdin:
    began, worked = time.perf_counter(), time.process_time()
    tasks[line.strip()]()
    print(time.perf_counter() - began, time.process_time() - worked, flush=True)
