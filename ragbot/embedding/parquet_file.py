"""Records of vectors in Parquet's columns, for those who keep them beside other tables."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

import numpy as np

from ragbot.embedding.vector_records import About, Records, blocks, record_type
from ragbot.errors import InputError

__all__ = ["check_installed", "read_parquet", "write_parquet"]

_BLOCK = 4096


def check_installed() -> None:
    """Make sure that the library is there.

    Raises:
        InputError: it is not.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise InputError(
            "Parquet files take the package pyarrow, which is not installed",
            "pip install 'ragbot[parquet]', or name a file that ends in .npy",
        )


def write_parquet(path: Path, records: Records, about: About) -> None:
    """Write records as columns: ``key`` and ``vectors``, a passage's and its parts' in a row."""
    import pyarrow as pa
    from pyarrow import parquet

    vectors = records.dtype["vectors"]
    parts, dimension = vectors.shape[0] - 1, vectors.shape[1]
    size = (1 + parts) * dimension
    schema = pa.schema(
        {"key": pa.binary(16), "vectors": pa.list_(pa.float16(), size)},
        metadata={**about, "parts": str(parts)},
    )
    # Random digits: nothing would become smaller by a compression.
    with parquet.ParquetWriter(path, schema, compression="none") as file:
        for block in blocks(records):
            columns = [
                pa.Array.from_buffers(
                    schema.field("key").type,
                    len(block),
                    # Not a list of keys: numpy takes zeros off the ends of bytes.
                    [None, pa.py_buffer(block["key"].tobytes())],
                ),
                pa.FixedSizeListArray.from_arrays(
                    block["vectors"].reshape(-1), type=schema.field("vectors").type
                ),
            ]
            file.write_batch(pa.record_batch(columns, schema))


def read_parquet(path: Path, scratch: Path) -> tuple[Records, About]:
    """The records, mapped into memory from a file in ``scratch`` that is gone with them.

    Raises:
        OSError: the file is missing or cannot be read.
        ValueError: it is no such file, or damaged.
        LookupError: it has other columns.
    """
    from pyarrow import parquet

    with (
        parquet.ParquetFile(path) as file,
        tempfile.TemporaryFile(dir=scratch) as copy,
    ):
        told = file.schema_arrow.metadata or {}
        about = {name.decode(): value.decode() for name, value in told.items()}
        parts, dimension = int(about["parts"]), int(about["dimension"])
        type_ = record_type(parts, dimension)
        for batch in file.iter_batches(_BLOCK):
            records = np.zeros(len(batch), type_)
            records["key"] = batch["key"].to_pylist()
            flat = batch["vectors"].flatten().to_numpy()
            records["vectors"] = flat.reshape(records["vectors"].shape)
            copy.write(records.tobytes())
        copy.flush()
        return np.memmap(copy, type_, mode="r"), about
