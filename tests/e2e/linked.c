/* A program with CPython linked into it.  As an executable without a dynamic loader it
 * cannot load the modules that CPython has in files: of those asyncio can do without all
 * but _contextvars, which only hands out what is in CPython. */
#include <Python.h>

static PyObject *copy_context(PyObject *module, PyObject *unused)
{
	(void)module;
	(void)unused;
	return PyContext_CopyCurrent();
}

static PyMethodDef functions[] = {
	{ "copy_context", copy_context, METH_NOARGS, NULL },
	{ NULL, NULL, 0, NULL },
};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT,
	.m_name = "_contextvars",
	.m_methods = functions,
};

static PyObject *make_contextvars(void)
{
	PyObject *module = PyModule_Create(&definition);

	if (!module || PyModule_AddType(module, &PyContext_Type) ||
			PyModule_AddType(module, &PyContextVar_Type) ||
			PyModule_AddType(module, &PyContextToken_Type))
		return NULL;
	return module;
}

int main(int argc, char **argv)
{
	PyImport_AppendInittab("_contextvars", make_contextvars);
	return Py_BytesMain(argc, argv);
}
