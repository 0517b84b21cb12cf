"""The tables of a run as Parquet, with the types that their values have. Needs the extra `parquet`."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from harness.errors import MissingDependency
from harness.report.exports.folder import write_folder
from harness.runs.storage.tidy_tables import Kind, TidyTable, read_tables


def write_parquet(run: Path, out: Path | None = None) -> Path:
    """Writes the tables that `csv` writes as .parquet files into `out` (`run/parquet` unless given).

    Raises `MissingDependency` without pyarrow, `RunError` when the folder holds no finished run, `UsageError` where
    `out` holds something else.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise MissingDependency(
            "the format 'parquet'", "pyarrow", "pip install 'spoken-qa-harness[parquet]'"
        ) from error
    files = {f"{table.name}.parquet": _encoded(table) for table in read_tables(run)}
    return write_folder(out or run / "parquet", "parquet", files)


def _encoded(table: TidyTable) -> bytes:
    import pyarrow
    from pyarrow import parquet

    arrays = {name: pyarrow.array(_values(kind, values), _type(kind)) for name, kind, values in table.values()}
    sink = BytesIO()
    parquet.write_table(pyarrow.table(arrays), sink)
    return sink.getvalue()


def _values(kind: Kind, values: list[Any]) -> list[Any]:
    if kind != "forms":
        return values
    return [[{"form": form, "times": times} for form, times in forms] for forms in values]


def _type(kind: Kind) -> Any:
    import pyarrow

    return {
        "text": pyarrow.string(),
        "number": pyarrow.float64(),
        "count": pyarrow.int64(),
        "flag": pyarrow.bool_(),
        "texts": pyarrow.list_(pyarrow.string()),
        "forms": pyarrow.list_(pyarrow.struct([("form", pyarrow.string()), ("times", pyarrow.int64())])),
    }[kind]
