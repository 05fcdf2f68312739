#pragma once

#include <nanobind/nanobind.h>

/// The module sinew._core: what sinew.keras is written on. A file binds one theme.
namespace sinew::python {

namespace nb = nanobind;
using namespace nb::literals;

void bind_errors(nb::module_& module);
void bind_session(nb::module_& module);
void bind_signatures(nb::module_& module);
void bind_values(nb::module_& module);
void bind_ops(nb::module_& module);
void bind_layers(nb::module_& module);
void bind_python_layer(nb::module_& module);
void bind_losses(nb::module_& module);
void bind_metrics(nb::module_& module);
void bind_optimizers(nb::module_& module);
void bind_callbacks(nb::module_& module);
void bind_summary_writer(nb::module_& module);
void bind_progress(nb::module_& module);
void bind_models(nb::module_& module);

}  // namespace sinew::python
