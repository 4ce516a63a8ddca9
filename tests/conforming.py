"""Every call that reaches the lab in a test is judged by the suppliers' contracts: the request that left, and the answer.

A request counts where the stand-in accepted it, an answer where no fault spoiled it.
"""

import json
from collections import Counter
from functools import cache, lru_cache
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

CONTRACTS = Path(__file__).parent / "contracts"
ENOUGH = 3
METHODS = ("get", "post", "put", "patch", "delete")


@cache
def contract(name):
    return yaml.load((CONTRACTS / f"{name}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)


@cache
def operations(name):
    """Each operation by its id, with the parameters of its path."""
    return {act["operationId"]: {**act, "parameters": [*path.get("parameters", []), *act.get("parameters", [])]}
            for path in contract(name)["paths"].values() for method, act in path.items() if method in METHODS}


def faults_in_calls(heard):
    """What the contracts find wrong with these calls; the first few of a sort are enough."""
    seen, found = Counter(), []
    for call in list(heard):
        sort = (call.supplier, call.operation, call.status, call.is_spoiled)
        seen[sort] += 1
        if call.status is not None and seen[sort] <= ENOUGH:
            found += [f"{call.supplier} {call.operation} {call.status}: {fault}" for fault in _faults(call)]
    return found


def _faults(call):
    faults = []
    if 200 <= call.status < 300:
        faults += [f"request {fault}" for fault in faults_in_request(call)]
    if not call.is_spoiled and call.answer is not None:
        faults += [f"answer {fault}" for fault in faults_in_answer(call.supplier, call.operation, call.status, call.answer)]
    return faults


def faults_in_request(call):
    """Inputs that the contract does not know or wants otherwise, and what is wrong with the body."""
    described = _inputs(call.supplier, call.operation)
    given = {("query", name): value for name, value in call.query.items()}
    faults = [f"has an unknown parameter {name}" for place, name in given if (place, name) not in described]
    given |= {("header", name): value for name, value in call.headers.items()}
    for (place, name), parameter in described.items():
        value = given.get((place, name))
        if value is None and parameter.get("required") and place in ("query", "header"):
            faults.append(f"lacks {name}")
        elif value is not None:
            faults += [f"{name}: {text}" for text in _wrong(parameter["schema"], call.supplier, _typed(parameter, value))]
    wanted = operations(call.supplier)[call.operation].get("requestBody")
    if wanted is not None:
        schema = _resolved(call.supplier, wanted)["content"]["application/json"]["schema"]
        faults += _wrong(schema, call.supplier, json.loads(call.body))
    return faults


@lru_cache(maxsize=2_000)  # hundreds of tests read the same catalogs
def faults_in_answer(name, operation, status, body):
    answers = operations(name)[operation]["responses"]
    described = next((answers[key] for key in (str(status), f"{status // 100}XX", "default") if key in answers), None)
    if described is None:
        return [f"status {status} is not in the contract"]
    content = _resolved(name, described).get("content")
    return _wrong(content["application/json"]["schema"], name, json.loads(body)) if content else []


def _inputs(name, operation):
    rows = [_resolved(name, row) for row in operations(name)[operation]["parameters"]]
    return {(row["in"], row["name"].lower() if row["in"] == "header" else row["name"]): row for row in rows}


def _typed(parameter, text):
    """What a text in a query or header stands for."""
    kind = parameter["schema"].get("type")
    if kind == "integer" and text.lstrip("-").isdecimal():
        return int(text)
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


def _resolved(name, described):
    while "$ref" in described:
        _, *path = described["$ref"].split("/")
        described = contract(name)
        for step in path:
            described = described[step]
    return described


def _wrong(schema, name, value):
    validator = _validator(name, json.dumps(schema, sort_keys=True))
    return [f"{list(fault.path)}: {fault.message[:200]}" for fault in validator.iter_errors(value)]


@cache
def _validator(name, schema):
    return Draft202012Validator({**json.loads(schema), "components": contract(name)["components"]})
