#include "progress_file.h"

#include <nanobind/stl/string.h>

#include <optional>

namespace sinew::python {
namespace {

/// Errors of the user's stream must not end a training.
ssize_t write_through(void* cookie, const char* text, std::size_t size) {
  nb::gil_scoped_acquire lock;
  try {
    const nb::handle stream = static_cast<Held*>(cookie)->get();
    const nb::object decoded =
        nb::steal(PyUnicode_DecodeUTF8(text, static_cast<Py_ssize_t>(size), "replace"));
    stream.attr("write")(decoded);
    stream.attr("flush")();
  } catch (nb::python_error& error) {
    error.discard_as_unraisable("writing progress");
  }
  return static_cast<ssize_t>(size);
}

bool is_process_output(const nb::object& stream) {
  try {
    return nb::cast<int>(stream.attr("fileno")()) == fileno(stdout);
  } catch (...) {
    PyErr_Clear();
    return false;
  }
}

}  // namespace

ProgressFile::ProgressFile() : file_(stdout) {
  const nb::object stream = nb::module_::import_("sys").attr("stdout");
  if (stream.is_none()) return;
  if (is_process_output(stream)) {
    stream.attr("flush")();
    return;
  }
  writer_.emplace(stream);
  const cookie_io_functions_t functions = {nullptr, write_through, nullptr, nullptr};
  own_.reset(fopencookie(&*writer_, "w", functions), [](std::FILE* file) {
    if (file) std::fclose(file);
  });
  if (own_) file_ = own_.get();
}

}  // namespace sinew::python
