"""Schemes in tests: rows of the weight editor as a browser sends them."""


def posted(rows, **more):
    """What a browser would send of these rows; check boxes that are off are not sent."""
    fields = (
        "kind",
        "target",
        "name",
        "weight",
        "parent",
        "optional",
        "drop",
        "best",
        "better_of",
        "minimum",
        "cap",
        "remove",
    )
    flat = {f"{row['key']}-{name}": row[name] for row in rows for name in fields}
    return {**{key: value for key, value in flat.items() if value or key.endswith("-kind")}, **more}


def changed(rows, name, /, **values):
    return [{**row, **values} if row["name"] == name else row for row in rows]
