import json

import pytest

from trainer.tracking.record.environment import dump_environment, instruction_set_in_use, recorded_variables

AVX2 = {"sse4_1", "avx", "avx2"}
AVX512 = AVX2 | {"avx512f", "avx512bw", "avx512vl", "avx512dq"}


@pytest.mark.parametrize(
    ("flags", "environment", "expected"),
    [
        (AVX2, {}, "AVX2"),
        (AVX2 | {"avx_vnni"}, {}, "AVX2_VNNI"),
        (AVX512, {}, "AVX512_CORE"),
        (AVX512 | {"avx512_vnni"}, {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE"}, "AVX512_CORE"),
        (AVX512, {"ONEDNN_MAX_CPU_ISA": "AVX2_VNNI"}, "AVX2"),
        (AVX2, {"ONEDNN_MAX_CPU_ISA": "SSE41"}, "SSE41"),
        (AVX2, {"DNNL_MAX_CPU_ISA": "avx"}, "AVX"),
        (AVX2, {"ONEDNN_MAX_CPU_ISA": "AVX", "DNNL_MAX_CPU_ISA": "SSE41"}, "AVX"),
        (AVX2, {"ONEDNN_MAX_CPU_ISA": "DEFAULT"}, "AVX2"),
        (AVX2 | {"avx512_vnni"}, {}, "AVX2"),
        ({"asimd", "sve"}, {}, None),
        (set(), {}, None),
    ],
)
def test_instruction_set_in_use_is_the_best_that_is_allowed(
    flags: set[str], environment: dict[str, str], expected: str | None
) -> None:
    assert instruction_set_in_use(flags, environment) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("TF_ENABLE_ONEDNN_OPTS", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "XLA_FLAGS", "OMP_NUM_THREADS"),
        *("KMP_AFFINITY", "MKL_CBWR", "CUDA_VISIBLE_DEVICES", "CUDNN_LOGINFO_DBG", "CUBLAS_WORKSPACE_CONFIG"),
        *("NVIDIA_TF32_OVERRIDE", "NCCL_ALGO", "GOMP_CPU_AFFINITY", "GLIBC_TUNABLES", "LD_PRELOAD", "KERAS_BACKEND"),
    ],
)
def test_variable_that_may_change_numbers_is_recorded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "7")
    assert json.loads(dump_environment())["variables"][name] == "7"


def test_nothing_else_is_recorded_and_no_secret() -> None:
    found = recorded_variables(
        {
            "AWS_SECRET_ACCESS_KEY": "hush",
            "HOME": "/home/me",
            "TF_API_TOKEN": "hush",
            "KERAS_HUB_KEY": "hush",
            "TF_CONFIG_URL": "https://me:hush@host/path",
        }
    )
    assert found == {"KERAS_HUB_KEY": "***", "TF_API_TOKEN": "***", "TF_CONFIG_URL": "https://***@host/path"}


def test_instruction_set_and_c_library_are_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "SSE41")
    found = json.loads(dump_environment({"steps": 3}))
    assert "instruction_set_in_use" in found["processor"]
    if "sse4_1" in found["processor"]["flags"]:
        assert found["processor"]["instruction_set_in_use"] == "SSE41"
    assert "c_library" in found
    assert found["training"] == {"steps": 3}
