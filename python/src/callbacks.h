#pragma once

#include <memory>

#include "bind.h"
#include "sinew/model/callback.h"

namespace sinew::python {

/// A callback written in Python, of which the hooks named in `hooks` are called.
CallbackPtr python_callback(const nb::object& callback, const std::vector<std::string>& hooks);
/// Ends a fit, evaluation or prediction after the present step when the user has interrupted it.
CallbackPtr interrupt_callback();

nb::dict from_logs(const Logs& logs);
Logs to_logs(nb::handle logs);

}  // namespace sinew::python
