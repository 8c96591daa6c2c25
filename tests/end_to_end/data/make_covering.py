"""Writes covering.parquet: 40 squares of fibre in row groups of 5, each row group in its own part of Sweden, with the
bounding-box column of GeoParquet 1.1. Only the first row group lies where the tests' settlements are.

    pip install geopandas==1.2.0 pyarrow==26.0.1 && python make_covering.py
"""
import geopandas
from shapely.geometry import box

rows, squares = [], []
for group in range(8):
    for i in range(5):
        x, y = 699_900 + 60 * i - 50_000 * group, 7_100_000 - 90_000 * group
        squares.append(box(x, y, x + 50, y + 100))
        rows.append({"operator": f"op{i % 2}", "mbps": 1000, "status": "existing"})
frame = geopandas.GeoDataFrame(rows, geometry=squares, crs="EPSG:3006")
frame.to_parquet("covering.parquet", write_covering_bbox=True, row_group_size=5, compression="zstd", index=False)
