"""The shop's query by DuckDB and Polars, over the rows that the bench wrote.

usage: filter_engines.py DIRECTORY THREADS

DIRECTORY has rows.csv (a variant a line, with the number of its product), tags.csv (product, tag)
and queries.json: lists of queries by selectivity. Prints JSON: milliseconds by engine and
selectivity, and the number of products that each query found.
"""

import json
import os
import sys
import time

directory, threads = sys.argv[1], int(sys.argv[2])
os.environ["POLARS_MAX_THREADS"] = str(threads)

import duckdb  # noqa: E402
import polars  # noqa: E402

with open(f"{directory}/queries.json") as file:
    queries = json.load(file)
rows = polars.read_csv(f"{directory}/rows.csv")
tags = polars.read_csv(f"{directory}/tags.csv")
FACETS = ["vendor", "type", "tag", "size", "colour"]
NARROW = ("vendor", "type", "size", "colour", "price")
rows = rows.cast({name: polars.Int16 for name in NARROW})


class Duck:
    def __init__(self):
        self.database = duckdb.connect(config={"threads": threads})
        numbers = ", ".join(f"{name}::SMALLINT AS {name}" for name in NARROW)
        self.database.execute(
            f"CREATE TABLE sku AS SELECT product, {numbers} FROM read_csv('{directory}/rows.csv')"
        )
        self.database.execute(
            f"CREATE TABLE tagged AS SELECT * FROM read_csv('{directory}/tags.csv')"
        )
        # Sorted by product, as the filter's columns are; of the orders that it has, the price's.
        self.database.execute(
            "CREATE TABLE cheapest AS SELECT product, min(price) AS price FROM sku GROUP BY 1"
        )

    def conditions(self, query, without=None):
        parts = []
        for facet in ("vendor", "size"):
            if facet != without:
                parts.append(f"{facet} IN ({','.join(map(str, query[facet]))})")
        low, high = query["price"]
        parts.append(f"price BETWEEN {low} AND {high}")
        return " AND ".join(parts)

    def answer(self, query):
        def run(text):
            return self.database.execute(text).fetchall()

        where = self.conditions(query)
        for facet in FACETS:
            condition = self.conditions(query, facet)
            if facet == "tag":
                run(
                    "SELECT tag, count(*) FROM tagged WHERE product IN "
                    f"(SELECT product FROM sku WHERE {condition}) GROUP BY 1"
                )
            else:
                run(
                    f"SELECT {facet}, count(DISTINCT product) FROM sku WHERE {condition} "
                    "GROUP BY 1"
                )
        run(
            "SELECT product FROM cheapest WHERE product IN "
            f"(SELECT product FROM sku WHERE {where}) ORDER BY price LIMIT 24"
        )
        return run(f"SELECT count(DISTINCT product) FROM sku WHERE {where}")[0][0]


class Polars:
    def __init__(self):
        self.cheapest = rows.group_by("product").agg(polars.col("price").min().alias("low"))

    def rows(self, query, without=None):
        found = polars.col("price").is_between(*query["price"])
        for facet in ("vendor", "size"):
            if facet != without:
                found &= polars.col(facet).is_in(query[facet])
        return rows.lazy().filter(found)

    def answer(self, query):
        plans = []
        for facet in FACETS:
            selected = self.rows(query, facet)
            if facet == "tag":
                products = selected.select("product").unique()
                plan = tags.lazy().join(products, on="product", how="semi")
                plans.append(plan.group_by("tag").len())
            else:
                products = polars.col("product").n_unique()
                plans.append(selected.group_by(facet).agg(products))
        products = self.rows(query).select("product").unique()
        page = self.cheapest.lazy().join(products, on="product", how="semi")
        plans.append(page.bottom_k(24, by="low"))
        plans.append(products.select(polars.len()))
        return polars.collect_all(plans)[-1].item()


result = {}
NAMES = ("duckdb " + duckdb.__version__, "polars " + polars.__version__)
for name, engine in zip(NAMES, (Duck, Polars)):
    engine = engine()
    for selectivity, asked in queries.items():
        engine.answer(asked[0])
        times, found = [], []
        for query in asked:
            began = time.perf_counter()
            found.append(engine.answer(query))
            times.append((time.perf_counter() - began) * 1000)
        result.setdefault(name, {})[selectivity] = {"ms": times, "found": found}
print(json.dumps(result))
