#include "bind.h"
#include "sinew/base/error.h"

namespace sinew::python {
namespace {

/// Sinew's exceptions as classes that also are Python's own of the same meaning, so that both
/// `except sinew.ShapeError` and `except ValueError` catch them. They live as long as the process.
struct Exceptions {
  PyObject* base;
  PyObject* shape;
  PyObject* dtype;
  PyObject* value;
  PyObject* file;
  PyObject* memory;
  PyObject* internal;
};
Exceptions exceptions;

PyObject* make(nb::module_& module, const char* name, PyObject* builtin, const char* text) {
  const nb::object bases =
      exceptions.base ? nb::object(nb::make_tuple(nb::borrow(exceptions.base), nb::borrow(builtin)))
                      : nb::object(nb::make_tuple(nb::borrow(builtin)));
  PyObject* made =
      PyErr_NewExceptionWithDoc((std::string("sinew.") + name).c_str(), text, bases.ptr(), nullptr);
  if (!made) nb::raise_python_error();
  module.attr(name) = nb::borrow(made);
  return made;
}

void translate(const std::exception_ptr& pointer, void*) {
  try {
    std::rethrow_exception(pointer);
  } catch (const ShapeError& error) {
    PyErr_SetString(exceptions.shape, error.what());
  } catch (const DTypeError& error) {
    PyErr_SetString(exceptions.dtype, error.what());
  } catch (const ValueError& error) {
    PyErr_SetString(exceptions.value, error.what());
  } catch (const FileError& error) {
    PyErr_SetString(exceptions.file, error.what());
  } catch (const MemoryError& error) {
    PyErr_SetString(exceptions.memory, error.what());
  } catch (const InternalError& error) {
    PyErr_SetString(exceptions.internal, error.what());
  } catch (const Error& error) {
    PyErr_SetString(exceptions.base, error.what());
  }
}

}  // namespace

void bind_errors(nb::module_& module) {
  exceptions.base = make(module, "Error", PyExc_Exception, "Base of everything Sinew raises.");
  exceptions.shape =
      make(module, "ShapeError", PyExc_ValueError, "A tensor has the wrong rank or extents.");
  exceptions.dtype =
      make(module, "DTypeError", PyExc_TypeError, "A tensor has the wrong element type.");
  exceptions.value = make(module, "ValueError", PyExc_ValueError,
                          "An argument or value is out of range or unknown.");
  exceptions.file = make(module, "FileError", PyExc_OSError,
                         "A file cannot be read or written, or is malformed.");
  exceptions.memory = make(module, "MemoryError", PyExc_MemoryError, "There is not enough memory.");
  exceptions.internal =
      make(module, "InternalError", PyExc_RuntimeError, "A defect of Sinew itself.");
  nb::register_exception_translator(translate);
}

}  // namespace sinew::python
