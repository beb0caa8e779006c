# SPDX-License-Identifier: BSD-2-Clause
"""A source file in C with all of its mutants in it: each line and condition deleted or inverted, as long as
KX_MUTANT(n) of its number says so.

Called by: mutate.py. Clang says where the statements and conditions are, and each becomes
`KX_MUTANT(n) ? mutated : original`.
"""
from dataclasses import dataclass
import json
from pathlib import Path
import re
import subprocess

TOP = Path(__file__).resolve().parent.parent

PRELUDE = """
extern unsigned int kx_mutant_;
extern unsigned char kx_mutants_met_[];
#define KX_MUTANT(n) (kx_mutants_met_[n] = 1, kx_mutant_ == (n))
"""


@dataclass
class Mutant:
    number: int
    file: str
    function: str
    what: str               # "delete", "invert", ...
    text: str               # of the source, what is mutated
    which: int = 1          # of several that read the same
    met: bool = False       # does any test run that code?
    killer: str = ""        # the test that has seen it

    def __str__(self):
        which = f" #{self.which}" if self.which > 1 else ""
        return f"{self.file} {self.function}: {self.what}: {self.text}{which}"


class Mutator:
    """Renders a source file with all of its mutants."""
    BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
    ARITHMETIC = {"+": "-", "-": "+", "&": "|", "|": "&", "<<": ">>", ">>": "<<"}

    def __init__(self, file, includes, mutants):
        self.file, self.mutants, self.function = file, mutants, ""
        self.bytes = (TOP / file).read_bytes()
        argv = ["clang", "-x", "c", "-std=c11", "-D_GNU_SOURCE", "-fsyntax-only", "-w", *includes,
                "-Xclang", "-ast-dump=json", file]
        done = subprocess.run(argv, cwd=TOP, capture_output=True, text=True, check=True)
        self.tree = json.loads(done.stdout)

    def text(self, begin, end):
        return self.bytes[begin:end].decode()

    def mutant(self, what, begin, end):
        """A new mutant of that stretch; the condition that it is the one being tried."""
        text = " ".join(self.text(begin, end).split())
        one = Mutant(len(self.mutants) + 1, self.file, self.function, what, text)
        one.which += sum((one.file, one.function, one.what, one.text) ==
                         (two.file, two.function, two.what, two.text) for two in self.mutants)
        self.mutants.append(one)
        return f"KX_MUTANT({one.number})"

    @staticmethod
    def place(where):
        """Offset and end of a token; where a macro is expanded: of its name."""
        where = where.get("expansionLoc", where)
        if "offset" not in where or "includedFrom" in where:
            return None
        return where["offset"], where["offset"] + where["tokLen"]

    def span(self, node):
        """First and last byte of a node; None: it has no text of its own."""
        first = self.place(node.get("range", {}).get("begin", {}))
        last = self.place(node.get("range", {}).get("end", {}))
        if not first or not last or first[0] >= last[1]:
            return None
        end = last[1]
        if "expansionLoc" in node["range"]["end"] and self.text(end, end + 1) == "(":
            end = self.closing(end)     # what a macro is given is the macro's
        return first[0], end

    def closing(self, at):
        """Behind the parenthesis that closes the one at `at`."""
        depth = 0
        while True:
            depth += {b"(": 1, b")": -1}.get(self.bytes[at:at + 1], 0)
            at += 1
            if not depth:
                return at

    def render(self):
        """The whole file, mutants and all."""
        functions = [node for node in self.tree["inner"] if node["kind"] == "FunctionDecl"
                     and self.span(node) and self.body(node)]
        out, at = [], 0
        for node in functions:
            body = self.body(node)
            begin, end = self.span(body)
            self.function = node["name"]
            out += [self.text(at, begin), self.block(body, last=True)]
            at = end
        return PRELUDE + "".join(out) + self.text(at, len(self.bytes))

    @staticmethod
    def body(function):
        return next((kid for kid in function.get("inner", []) if kid["kind"] == "CompoundStmt"), None)

    def between(self, node, render_kid):
        """The text of a node, with that of its children by render_kid(index, child)."""
        begin, end = self.span(node)
        kids = [(self.span(kid), i, kid) for i, kid in enumerate(node.get("inner", []))
                if kid.get("kind") and self.span(kid)]
        out, at = [], begin
        for (first, last), i, kid in sorted(kids, key=lambda kid: kid[0]):
            if first < at or last > end:
                continue
            out += [self.text(at, first), render_kid(i, kid)]
            at = last
        return "".join(out) + self.text(at, end)

    # ---- statements ----

    def block(self, node, last=False):
        count = len(node.get("inner", []))
        return self.between(node, lambda i, kid: self.statement(kid, last and i == count - 1))

    def statement(self, node, last=False, alone=False):
        """last: of its function. alone: all that an `if` guards, without an `else`."""
        kind = node["kind"]
        if kind == "CompoundStmt":
            return self.block(node, last)
        if kind == "DeclStmt":
            return self.between(node, lambda i, kid: self.declaration(kid))
        if kind == "IfStmt":
            lonely = not node.get("hasElse")
            return self.between(node, lambda i, kid: self.condition(kid, self.chooses(node)) if i == 0
                                else self.statement(kid, last, lonely))
        if kind == "WhileStmt":
            return self.between(node, lambda i, kid: self.condition(kid) if i == 0 else
                                self.statement(kid))
        if kind == "DoStmt":
            return self.between(node, lambda i, kid: self.statement(kid) if i == 0 else
                                self.condition(kid))
        if kind == "ForStmt":
            return self.between(node, self.part_of_for)
        if kind == "SwitchStmt":
            return self.between(node, lambda i, kid: self.expression(kid) if i == 0 else
                                self.statement(kid))
        if kind in ("CaseStmt", "DefaultStmt"):
            most = len(node["inner"]) - 1
            return self.between(node, lambda i, kid: self.statement(kid) if i == most else
                                self.text(*self.span(kid)))
        if kind == "ReturnStmt":
            return self.leave(node, last, alone)
        if kind in ("BreakStmt", "ContinueStmt"):
            return self.without(node, self.text(*self.span(node)), alone)
        if kind == "NullStmt" or node.get("castKind") == "ToVoid":
            return self.text(*self.span(node))
        begin, end = self.span(node)
        return f"{self.mutant('delete', begin, end)} ? (void)0 : (void)({self.expression(node)})"

    def part_of_for(self, index, node):
        if node["kind"] == "DeclStmt":
            return self.statement(node)
        if index == 2:
            return self.condition(node)
        return self.statement(node)

    def without(self, node, text, alone):
        """A jump that may be left out; where it is alone, inverting the `if` is as good."""
        if alone:
            return text
        return f"if ({self.mutant('delete', *self.span(node))}) ; else {text}"

    def leave(self, node, last, alone):
        if not node.get("inner"):
            return self.without(node, "return", alone)
        value = node["inner"][0]
        inner = self.expression(value)
        if not last:
            return self.without(node, f"return {inner}", alone)
        if not self.is_scalar(value):
            return f"return {inner}"
        begin, end = self.span(value)
        other = 1 if self.text(begin, end) == "0" else 0
        return f"return {self.mutant(f'return {other}', begin, end)} ? {other} : ({inner})"

    def declaration(self, node):
        """`int x = value;` -> 0; the fields of an initialiser likewise."""
        value = node.get("inner", [None])[0]
        if node["kind"] != "VarDecl" or not value or not node.get("init") or \
                node.get("storageClass") == "static" or not self.span(value):
            return self.text(*self.span(node))
        begin, end = self.span(node)
        first, last = self.span(value)
        return self.text(begin, first) + self.initial(value) + self.text(last, end)

    def initial(self, node):
        if node["kind"] == "InitListExpr":
            return self.between(node, lambda i, kid: self.initial(kid))
        inner, (begin, end) = self.expression(node), self.span(node)
        if not self.is_scalar(node) or self.text(begin, end) in ("0", "NULL"):
            return inner
        return f"({self.mutant('zero', begin, end)} ? 0 : ({inner}))"

    # ---- expressions ----

    def chooses(self, node):
        """`a < b ? a : b`, `if (a < b) b = a`: where both are the same, it does not matter which."""
        kids = [kid for kid in node.get("inner", []) if kid.get("kind")]
        if node["kind"] == "IfStmt" and not node.get("hasElse"):
            test, arms = kids[0], kids[1].get("inner", [])
            if kids[1].get("opcode") != "=":
                return False
        else:
            test, arms = kids[0], kids[1:]
        if test.get("opcode") not in self.BOUNDARY:
            return False
        texts = [{self.text(*self.span(kid)) for kid in some if self.span(kid)}
                 for some in (test["inner"], arms)]
        return texts[0] == texts[1]

    def condition(self, node, chooses=False):
        """chooses: either way where its two sides are equal."""
        inner = self.expression(node, True, chooses)
        return f"{self.mutant('invert', *self.span(node))} != !!({inner})"

    @staticmethod
    def type_of(node):
        return node.get("type", {}).get("desugaredQualType") or node["type"]["qualType"]

    def is_scalar(self, node):
        kind = self.type_of(node)
        return kind.endswith("*") or not re.search(r"struct|union|\[|\(", kind)

    def expression(self, node, whole=False, chooses=False):
        """whole: all of a condition, which is inverted already. chooses: see condition()."""
        kind, span = node["kind"], self.span(node)
        macro = "expansionLoc" in node["range"]["begin"] and \
            self.place(node["range"]["begin"]) == self.place(node["range"]["end"])
        if macro or kind == "UnaryExprOrTypeTraitExpr" or not node.get("inner"):
            return self.text(*span)
        if kind in ("ParenExpr", "ImplicitCastExpr"):
            return self.between(node, lambda i, kid: self.expression(kid, whole, chooses))
        if kind == "ConditionalOperator":
            return self.between(node, lambda i, kid: self.condition(kid, self.chooses(node)) if i == 0
                                else self.expression(kid))
        if kind == "BinaryOperator" and len(node["inner"]) == 2:
            return self.binary(node, whole, chooses)
        if kind == "UnaryOperator" and node["opcode"] == "!" and not whole:
            inner = self.between(node, lambda i, kid: self.expression(kid, True))
            return f"({self.mutant('invert', *span)} != ({inner}))"
        return self.between(node, lambda i, kid: self.expression(kid))

    def binary(self, node, whole, chooses):
        op, (begin, end) = node["opcode"], self.span(node)
        spans = [self.span(kid) for kid in node["inner"]]
        if not spans[0] or not spans[1] or spans[0][1] > spans[1][0]:
            return self.text(begin, end)
        if op in ("&&", "||"):
            return self.between(node, lambda i, kid: self.operand(op, kid))
        left, right = (self.expression(kid) for kid in node["inner"])
        plain = f"({left}) {op} ({right})"
        if op in self.BOUNDARY and not chooses:
            name = self.mutant("boundary", begin, end)
            plain = f"({name} ? ({left}) {self.BOUNDARY[op]} ({right}) : {plain})"
        if op in (*self.BOUNDARY, "==", "!="):
            return plain if whole else f"({self.mutant('invert', begin, end)} != ({plain}))"
        if op in self.ARITHMETIC and "*" not in self.type_of(node) + self.type_of(node["inner"][0]):
            name = self.mutant(f"{op} -> {self.ARITHMETIC[op]}", begin, end)
            return f"({name} ? ({left}) {self.ARITHMETIC[op]} ({right}) : {plain})"
        return self.text(begin, spans[0][0]) + left + self.text(spans[0][1], spans[1][0]) + right

    def operand(self, op, node):
        """One side of && or || left out; of a chain, one of its members."""
        inner = node
        while inner["kind"] in ("ParenExpr", "ImplicitCastExpr"):
            inner = inner["inner"][0]
        if inner.get("opcode") == op:
            return self.expression(node, True)
        text, name = self.expression(node, True), self.mutant("drop", *self.span(node))
        return f"({name} || ({text}))" if op == "&&" else f"(!{name} && ({text}))"
