import math
import unittest
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from fedvalue import Manifest, TensorSpec, TrainerAdapter, TrainerError, safetensors

from . import shared

MANIFEST = Manifest((TensorSpec("w", "F32", (3, 2)), TensorSpec("b", "F32", (3,)), TensorSpec("steps", "I64", (), "buffer")))
MODEL = {"w": np.ones((3, 2), np.float32), "b": np.zeros(3, np.float32), "steps": np.asarray(4, np.int64)}
GOOD = list(MODEL.values())


def fit(result: Any, *, declared: int | None = None, **options: Any) -> Any:
    return TrainerAdapter(lambda parameters, config: result, MANIFEST, **options).fit(MODEL, {}, declared)


class Returned(unittest.TestCase):
    def refused(self, pattern: str, result: Any, **options: Any) -> None:
        with self.assertRaisesRegex(TrainerError, pattern):
            fit(result, **options)

    def test_what_fit_returns_must_be_three_things(self) -> None:
        self.refused(r"tuple \(parameters, num_examples, metrics\), but NoneType came", None)
        self.refused("but a tuple of 2 came", (GOOD, 1))
        self.refused("but list came", [GOOD, 1, {}])

    def test_parameters_must_be_all_tensors(self) -> None:
        self.refused("3 arrays, one per tensor .* 'w', 'b', 'steps'.* but 2 came", (GOOD[:2], 1, {}))
        self.refused("list of 3 arrays or a dict of them, but one array came", (GOOD[0], 1, {}))
        self.refused("but NoneType came", (None, 1, {}))
        self.refused("but str came", ("weights", 1, {}))
        self.refused("lacks 'steps'", ({"w": GOOD[0], "b": GOOD[1]}, 1, {}))
        self.refused("has 'x' beside them", (MODEL | {"x": 1}, 1, {}))
        self.refused("lacks 'b' and has 'bias' beside", ({"w": GOOD[0], "bias": GOOD[1], "steps": GOOD[2]}, 1, {}))

    def test_shapes_are_never_broadcast_or_transposed(self) -> None:
        for wrong in (np.ones((2, 3), np.float32), np.ones((1,), np.float32), np.ones(6, np.float32), np.ones((3, 2, 1), np.float32)):
            self.refused(r"'w' with shape \[.*\], but the model has \[3, 2\]", ([wrong, *GOOD[1:]], 1, {}))
        self.refused(r"'b' with shape \[1\], but the model has \[3\]", ([GOOD[0], np.ones(1, np.float32), GOOD[2]], 1, {}))

    def test_types_are_converted_only_when_that_is_asked_for(self) -> None:
        doubles = [GOOD[0].astype(np.float64), *GOOD[1:]]
        self.refused(r"'w' as float64, but the model has float32 \(F32\); return .astype\(np.float32\) or pass cast=True", (doubles, 1, {}))
        arrays = fit((doubles, 1, {}), cast=True).arrays
        self.assertEqual(np.float32, arrays["w"].dtype)
        self.refused("'w' as int64, but the model has float32", ([np.ones((3, 2), np.int64), *GOOD[1:]], 1, {}), cast=True)
        self.refused("'steps' as float32, but the model has int64", ([*GOOD[:2], np.float32(1)], 1, {}), cast=True)
        self.refused("'w' with inf at", ([np.full((3, 2), 1e300), *GOOD[1:]], 1, {}), cast=True)
        self.refused("'w' as object", ([np.full((3, 2), None), *GOOD[1:]], 1, {}))
        self.refused("what came for 'w' is none", ([[[1, 2], [3]], *GOOD[1:]], 1, {}))

    def test_the_first_number_that_is_not_finite_is_named(self) -> None:
        for value, shown in ((math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf")):
            bad = GOOD[0].copy()
            bad[2, 1] = value
            self.refused(rf"'w' with {shown} at \[2, 1\]", ([bad, *GOOD[1:]], 1, {}))

    def test_examples_are_a_positive_integer_up_to_what_was_declared(self) -> None:
        for wrong in (0, -5, 1.5, 240.0, True, "240", None, math.nan, np.float64(3)):
            self.refused("num_examples as an integer of 1 or more", (GOOD, wrong, {}))
        self.refused("num_examples = 11, but this participant declared 10", (GOOD, 11, {}), declared=10)
        self.assertEqual(10, fit((GOOD, np.int64(10), {}), declared=10).examples)
        self.assertIs(int, type(fit((GOOD, np.int32(10), {})).examples))

    def test_metrics_are_a_dict_and_its_loss_is_the_claim(self) -> None:
        self.refused("metrics as a dict", (GOOD, 1, None))
        self.refused("metrics as a dict", (GOOD, 1, {1: 2}))
        for wrong in (math.nan, math.inf, -0.1, "0.5", True):
            self.refused(r"metrics\['loss'\] becomes the loss", (GOOD, 1, {"loss": wrong}))
        self.assertEqual(0.5, fit((GOOD, 1, {"loss": 0.5, "train_loss": 7})).loss)
        self.assertEqual(0.25, fit((GOOD, 1, {"train_loss": np.float32(0.25)})).loss)
        self.assertEqual("0.0", str(fit((GOOD, 1, {"loss": -0.0})).loss))
        self.assertIsNone(fit((GOOD, 1, {"accuracy": 0.9})).loss)


class Forms(unittest.TestCase):
    def test_a_function_gets_a_list_and_may_return_names(self) -> None:
        seen: list[Any] = []

        def train(parameters: Any, config: dict[str, Any]) -> Any:
            seen.append(parameters)
            return OrderedDict(zip(["steps", "b", "w"], reversed(parameters))), 1, {}

        arrays = TrainerAdapter(train, MANIFEST).fit(MODEL, {}).arrays
        self.assertIsInstance(seen[0], list)
        self.assertEqual(["w", "b", "steps"], list(arrays))
        np.testing.assert_array_equal(MODEL["w"], arrays["w"])

    def test_names_are_given_where_they_are_wanted(self) -> None:
        class Named:
            named = True

            def fit(self, parameters: Any, config: Any) -> Any:
                return parameters, 1, {}

        class ByItsOwnParameters:
            def get_parameters(self, config: Any) -> Any:
                return dict(MODEL)

            fit = Named.fit

        class OldFlower:
            def get_parameters(self) -> Any:
                return list(MODEL.values())

            fit = Named.fit

        forms = [(Named(), dict, {}), (ByItsOwnParameters(), dict, {}), (OldFlower(), list, {}), (OldFlower(), dict, {"named": True})]
        for trainer, form, options in forms:
            seen: list[Any] = []
            original = trainer.fit
            trainer.fit = lambda p, c, original=original, seen=seen: (seen.append(p), original(p, c))[1]  # type: ignore[method-assign]
            TrainerAdapter(trainer, MANIFEST, **options).fit(MODEL, {})
            self.assertIs(form, type(seen[0]))

    def test_a_model_of_another_form_is_found_before_training(self) -> None:
        class Wrong:
            def get_parameters(self, config: Any) -> Any:
                return [np.zeros((5, 2), np.float32), *GOOD[1:]]

            def fit(self, parameters: Any, config: Any) -> Any:
                raise AssertionError

        with self.assertRaisesRegex(TrainerError, r"get_parameters returned 'w' with shape \[5, 2\]"):
            TrainerAdapter(Wrong(), MANIFEST)

    def test_what_cannot_train_is_refused(self) -> None:
        class Trainer:
            def fit(self, parameters: Any, config: Any) -> Any: ...

        wrong: list[tuple[Any, str]] = [(object(), "object came"), (Trainer, "Trainer came; pass an instance"), (None, "NoneType came")]
        for trainer, pattern in wrong:
            with self.assertRaisesRegex(TrainerError, pattern):
                TrainerAdapter(trainer, MANIFEST)

    def test_training_in_place_does_not_change_the_model(self) -> None:
        def train(parameters: Any, config: Any) -> Any:
            parameters[0] += 1
            return parameters, 1, {}

        arrays = TrainerAdapter(train, MANIFEST).fit(MODEL, {}).arrays
        self.assertEqual((1, 2), (MODEL["w"][0, 0], arrays["w"][0, 0]))

    def test_evaluate_is_optional_and_checked(self) -> None:
        def adapter(evaluate: Callable[..., Any] | None) -> TrainerAdapter:
            trainer = type("T", (), {"fit": lambda self, p, c: (p, 1, {})} | ({"evaluate": evaluate} if evaluate else {}))()
            return TrainerAdapter(trainer, MANIFEST)

        def absent(self: Any, parameters: Any, config: Any) -> Any:
            raise NotImplementedError

        self.assertIsNone(adapter(None).evaluate(MODEL, {}))
        self.assertIsNone(adapter(absent).evaluate(MODEL, {}))
        evaluation = adapter(lambda self, p, c: (0.5, 3, {"accuracy": 1.0})).evaluate(MODEL, {})
        self.assertEqual((0.5, 3, {"accuracy": 1.0}), (evaluation.loss, evaluation.examples, evaluation.metrics))  # type: ignore[union-attr]
        for wrong in (None, (0.5, 3), ("x", 3, {}), (0.5, 3, None)):
            with self.assertRaises(TrainerError):
                adapter(lambda self, p, c, wrong=wrong: wrong).evaluate(MODEL, {})

    def test_torch_tensors_are_taken_by_name_or_in_order(self) -> None:
        torch = shared.torch_or_skip(self)
        tensors = OrderedDict(w=torch.ones(3, 2, requires_grad=True), b=torch.zeros(3), steps=torch.tensor(5))
        for parameters in (tensors, list(tensors.values())):
            arrays = fit((parameters, 1, {"loss": torch.tensor(0.5)})).arrays
            self.assertEqual([(np.float32, (3, 2)), (np.float32, (3,)), (np.int64, ())], [(a.dtype, a.shape) for a in arrays.values()])

    def test_bfloat16_is_widened_for_the_trainer_and_rounded_on_the_way_back(self) -> None:
        manifest = Manifest((TensorSpec("w", "BF16", (2,)),))
        model = manifest.read(safetensors.write({"w": np.array([1, 2], np.float32)}, {"w": "BF16"}))
        self.assertEqual(np.float32, model["w"].dtype)
        arrays = TrainerAdapter(lambda p, c: ([p[0] + np.float32(2**-9)], 1, {}), manifest).fit(model, {}).arrays
        np.testing.assert_array_equal([1, 2], safetensors.read(b"".join(manifest.chunks(arrays)))["w"])
        with self.assertRaisesRegex(TrainerError, "inf"):
            TrainerAdapter(lambda p, c: ([p[0] + np.float32(3.4e38)], 1, {}), manifest).fit(model, {})


if __name__ == "__main__":
    unittest.main()
