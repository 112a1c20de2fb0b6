"""Code of every shape, one in another, and the innermost holds: where does each frame stand?"""
import asyncio
import contextlib
import copy
import functools
import importlib.abc
import importlib.util
import json
import re
import sys
import time
import weakref

import truth


def hold(*_, **__):
    truth.ready()
    time.sleep(3600)


def chain(cases):
    """Each case calls the next one."""
    def run(number):
        if number == len(cases):
            return hold()
        return cases[number](lambda *_, **__: run(number + 1))
    return run(0)


def c_with(n):
    class CM:
        def __enter__(self): return self
        def __exit__(self, *a):
            n()
    with (
        CM() as a,
        contextlib.nullcontext(
            1) as b,
    ):
        x = 1
        y = 2
    z = 3


def c_with_exc(n):
    class CM:
        def __enter__(self): return self
        def __exit__(self, *a):
            n()
            return True
    with CM():
        z = 1
        raise ValueError(
            1)


def c_finally(n):
    try:
        try:
            1/0
        finally:
            x = 1
            n(
                x
            )
    except ZeroDivisionError:
        pass


def c_finally_return(n):
    for i in range(3):
        try:
            return 1
        finally:
            n()


def c_except(n):
    try:
        raise KeyError
    except (
        ValueError,
        n() or KeyError,
    ) as e:
        pass


def c_raise(n):
    raise (
        ValueError
    ) from n(
    )


def c_gen(n):
    g = (
        n(x)
        for x in [1,
                  2]
        if x
    )
    next(g)


def c_genif(n):
    return any(x
        for x in (1,)
        if n(x))


def c_dict(n):
    return {
        **{"a": 1},
        "b":
            [
            n() for _ in "a"],
    }


def c_nested_comp(n):
    return [[
        n(i, j)
        for i in range(2)]
        for j in
        range(3)]


def c_lambda(n):
    f = lambda a, \
        b: (
            a,
            n(b))
    f(1, 2)


def c_decorator(n):
    def deco(a):
        return lambda f: n(f)
    @deco(1)
    @functools.cache
    @deco(
        2)
    def f(
        a=1,
    ):
        pass


def c_default(n):
    def f(a,
          b=1,
          c=n()):
        pass


def c_class(n):
    class A(
        object,
        metaclass=type,
    ):
        x = 1
        y = [n()
             for _ in [1]]
        def f(self): pass


def c_meta(n):
    class M(type):
        def __new__(m, *a, **k):
            n()
            return super().__new__(m, *a)
    class A(metaclass=M,
            k=3):
        """doc"""


def c_initsub(n):
    class B:
        def __init_subclass__(cls, /, **k):
            n()
    class C(
        B,
        z=1):
        pass


def c_setname(n):
    class D:
        def __set_name__(self, *a):
            n()
    class C:
        d = D()


def c_prop(n):
    class A:
        @property
        def p(self):
            return (
                n()
            )
        def __getattr__(self, a):
            return self.p
        def __getitem__(self, i):
            return self.missing
        def __call__(self, *a):
            return self[
                1:
                2]
        def __eq__(self, o):
            return self(
                1
            )
        def __hash__(self): return 1
        def __bool__(self):
            return self == 3
        def __format__(self, s):
            return str(not self)
        def __iter__(self):
            yield f"""{1}
            {2}
            {self:>10}
            """
        def __contains__(self, x):
            a, b = self
            return a
    return 3 in A()


def c_del(n):
    class A:
        def __del__(self):
            n()
    a = A()
    x = 1
    del (
        a
    )


def c_del_implicit(n):
    class A:
        def __del__(self):
            n()
    def f():
        a = A()
        b = 1
        return (
            b
        )
    f()
    x = 1


def c_weakref(n):
    class A:
        pass
    a = A()
    r = weakref.ref(a, lambda r: n())
    a = None


def c_sort(n):
    sorted([2, 1], key=lambda x:
        n(x))


def c_reduce(n):
    functools.reduce(
        lambda a, b: n(),
        map(lambda x: x, [1, 2, 3]))


def c_partial(n):
    functools.partial(functools.partial(n, 1), 2)()


def c_json(n):
    json.loads('{"a": [1, {"b": 2}]}', object_hook=n)


def c_resub(n):
    re.sub("a", lambda m: n(), "banana")


def c_exec(n):
    exec("\n" * 70000 + "def f(n):\n  return (\n n(\n))\nf(n)\n", {"n": n})


def c_exec_huge(n):
    c = compile("n()\nn()", "<string>", "exec")
    c = c.replace(co_firstlineno=2**31 - 5)
    exec(c, {"n": n})


def c_eval(n):
    eval("(lambda:\n\n n())()", {"n": n})


def c_long(n):
    src = "def f(n):\n" + "    x = 1\n" * 70000 + "    return n(x,\n    1)\n"
    ns = {}
    exec(compile(src, "/long/fun.py", "exec"), ns)
    ns["f"](n)


def c_long_expr(n):
    src = "def f(n):\n  return [" + ",\n".join(["x0"] * 0 + ["1.5"] * 3000 + ["n()"] + ["2"] * 500) + "]\n"
    ns = {}
    exec(compile(src, "/long/expr.py", "exec"), ns)
    ns["f"](n)


def c_manyvars(n):
    src = "def f(n):\n" + "".join(f"  v{i} = {i}\n" for i in range(400)) + "  def g():\n    return (" + "+".join(f"v{i}" for i in range(400)) + ",\n  n())\n  return g()\n"
    ns = {}
    exec(compile(src, "/many/vars.py", "exec"), ns)
    ns["f"](n)


def c_import(n):
    class Loader(importlib.abc.Loader):
        def create_module(self, spec): return None
        def exec_module(self, module):
            n()
    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path, target=None):
            if name == "module_of_a_test":
                return importlib.util.spec_from_loader(name, Loader())
    sys.meta_path.insert(0, Finder())
    import module_of_a_test


def c_while(n):
    i = 0
    while (
        i < 3 and
        (i > 1 or
         n())
    ):
        i += 1
    else:
        pass


def c_match(n):
    class P:
        __match_args__ = ("x",)
        @property
        def x(self): return n()
    match P():
        case 1 | 2: pass
        case [a, b]: pass
        case P(
            x=3
        ): pass
        case _ if 0: pass


def c_assert(n):
    assert 1, 2
    assert (
        n()
    ), "x"


def c_chained(n):
    return (1
        < 2
        < (n() or 3)
        < 4)


def c_ternary(n):
    return (1
        if n()
        else
        3)


def c_boolop(n):
    return (0
        or None
        or n()
        or 3)


def c_augassign(n):
    class A:
        def __iadd__(self, o): return n()
    d = {"a": A()}
    d[
        "a"
    ] += (
        1
    )


def c_call_kw(n):
    dict(
        a=1,
        **{"b": 2},
        c=n(
            1,
            *(1, 2),
        ),
    )


def c_method_chain(n):
    class A:
        def a(self, *x): return self
        def b(self): return n()
    (A()
        .a()
        .a(1,
           2)
        .b()
        .a())


def c_fstring(n):
    return f"""a
    {1}
    {n()!r:>{
        2}}
    """


def c_semicolon(n):
    a = 1; b = 2; n(); c = 3


def c_oneline_if(n):
    if n(): pass


def c_star(n):
    def g():
        yield 1
        n()
    a, *b = g()


def c_forelse(n):
    class I:
        def __iter__(self): return self
        def __next__(self):
            if n(): raise StopIteration
    for x in (
        I()
    ):
        pass
    else:
        y = 1


def c_walrus(n):
    if (y := 1) and \
       (z := n()):
        pass


if sys.version_info >= (3, 12):
    exec(compile('''
def c_typealias(n):
    type X = n()
    X.__value__


def c_typeparam(n):
    def f[T: n()](x: T): pass
    f.__type_params__[0].__bound__
''', "/newer.py", "exec"))


def c_annot(n):
    def f(x: int,
          y: n()): pass
    f.__annotations__


def c_copy(n):
    class A:
        def __reduce_ex__(self, p):
            n()
    copy.copy(A())


def c_cmp(n):
    @functools.total_ordering
    class A:
        def __lt__(self, o): return n()
        def __eq__(self, o): return False
    A() >= A()


def c_nested_try(n):
    while True:
        try:
            try:
                raise ValueError
            except ValueError:
                raise TypeError
        except TypeError as e:
            try:
                continue
            finally:
                n()
                break


def c_exc_group(n):
    try:
        raise ExceptionGroup("", [ValueError(), TypeError()])
    except* ValueError:
        pass
    except* TypeError:
        n()


def c_super(n):
    class A:
        def f(self): return n()
    class B(A):
        def f(self):
            return super(
            ).f(
            )
    B().f()


def c_throw(n):
    def g():
        try:
            yield
        finally:
            n()
    x = g(); next(x)
    x.throw(
        ValueError)


def c_close(n):
    def g():
        def h():
            try:
                yield 1
            except GeneratorExit:
                n()
        yield from h()
    x = g(); next(x)
    x.close()


def c_send_gen(n):
    def g():
        while 1:
            v = (yield
                 1)
            n()
    x = g(); x.send(None)
    x.send(
        3)


def c_audit(n):
    done = []
    def hook(e, a):
        if e == "a test" and not done:
            done.append(1); n()
    sys.addaudithook(hook)
    sys.audit("a test")


def c_codereplace(n):
    def f(n):
        x = 1
        return n()
    f.__code__ = f.__code__.replace(co_name="re named", co_qualname="q\nu\x1b[31malé中", co_filename="/a/b\x1b]0;x\x07/ü中\n.py")
    f(n)


def c_nolines(n):
    def f(n):
        x = 1
        return n()
    f.__code__ = f.__code__.replace(co_filename="")
    f(n)


CASES = [value for name, value in list(globals().items()) if name.startswith("c_")]


async def runs():
    async with contextlib.AsyncExitStack() as stack:
        @stack.callback
        def called():
            chain(CASES)


async def main():
    sys.setrecursionlimit(100_000)
    kept = asyncio.create_task(asyncio.sleep(3600))
    await runs()
    return kept


asyncio.run(main())
