#include "runtime/backend.h"

#include "sinew/base/error.h"

namespace sinew::runtime {
namespace {

Backend*& slot() {
  static Backend* backend = nullptr;
  return backend;
}

}  // namespace

Backend& default_backend() {
  if (!slot()) throw InternalError("no backend is registered");
  return *slot();
}

void set_default_backend(Backend& backend) { slot() = &backend; }

}  // namespace sinew::runtime
