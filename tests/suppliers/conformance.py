"""A transport that judges whatever passes through it by the supplier's contract file: what leaves, and what comes back."""

import json
import re

from jsonschema import Draft202012Validator

from tests.conforming import contract
from tests.lab.asking import Told, faults_in


class Judged:
    """Passes calls on to `transport` and keeps what the contract called `name` finds wrong, as sentences in `faults`.

    `passed` holds the names of the operations that went through.
    """

    def __init__(self, transport, name):
        self._transport, self._name = transport, name
        self.faults, self.passed = [], set()

    @property
    def skew_s(self):
        return self._transport.skew_s

    def send(self, call):
        self._note(call, request_faults(self._name, call))
        answer = self._transport.send(call)
        self._note(call, faults_in(self._name, call.operation, Told(answer.status, answer.headers, answer.body)))
        self.passed.add(call.operation)
        return answer

    def _note(self, call, faults):
        self.faults += [f"{call.operation}: {fault}" for fault in faults]


def request_faults(name, call):
    """What the contract finds wrong with a call: its path, its parameters, its body."""
    found = [(path, verb, act) for path, acts in contract(name)["paths"].items() for verb, act in acts.items()
             if isinstance(act, dict) and act.get("operationId") == call.operation]
    if not found:
        return ["is not an operation of the contract"]
    path, verb, act = found[0]
    faults = [] if verb.upper() == call.method else [f"{call.method} instead of {verb.upper()}"]
    if re.sub(r"\{\w+\}", "{}", path) != re.sub(r"\{\w+\}", "{}", call.route):
        faults.append(f"{call.route} instead of {path}")
    return faults + _query_faults(name, act, call) + _body_faults(name, act, call)


def _query_faults(name, act, call):
    declared = {one["name"]: one for one in (_resolved(name, one) for one in act.get("parameters", []))
                if one["in"] == "query"}
    faults = [f"the query has an unknown {odd}" for odd in sorted(call.query.keys() - declared.keys())]
    faults += [f"the query lacks {need}" for need, one in declared.items() if one.get("required") and need not in call.query]
    for key in call.query.keys() & declared.keys():
        value = int(call.query[key]) if call.query[key].isdigit() else call.query[key]
        schema = _resolved(name, declared[key]["schema"])
        value = str(value) if schema.get("type") == "string" else value
        faults += _broken(name, schema, value, where=key)
    return faults


def _body_faults(name, act, call):
    declared = _resolved(name, act.get("requestBody") or {})
    if not declared:
        return ["has a body, and should not"] if call.content else []
    schema = declared["content"]["application/json"]["schema"]
    return _broken(name, schema, json.loads(call.content or b"null"), where="body")


def _broken(name, schema, value, *, where):
    whole = {**schema, "components": contract(name)["components"]}
    return [f"{where} {list(fault.path)}: {fault.message}" for fault in Draft202012Validator(whole).iter_errors(value)]


def _resolved(name, node):
    """`node`, or what it points to within the contract's components."""
    if "$ref" not in node:
        return node
    _, sort, key = node["$ref"].removeprefix("#/").split("/")
    return contract(name)["components"][sort][key]
