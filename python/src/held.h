#pragma once

#include <memory>

#include "bind.h"

namespace sinew::python {

/// A Python object that C++ keeps, wherever and on whatever thread it lets go of it: also without
/// the interpreter's lock, and after the interpreter has ended.
class Held {
 public:
  explicit Held(nb::object object) : object_(std::make_shared<Box>(std::move(object))) {}
  nb::handle get() const { return object_->object; }

 private:
  struct Box {
    explicit Box(nb::object held) : object(std::move(held)) {}
    Box(const Box&) = delete;
    Box& operator=(const Box&) = delete;
    ~Box() {
      if (!nb::is_alive()) {
        (void)object.release();
        return;
      }
      nb::gil_scoped_acquire lock;
      object.reset();
    }
    nb::object object;
  };
  std::shared_ptr<Box> object_;
};

}  // namespace sinew::python
