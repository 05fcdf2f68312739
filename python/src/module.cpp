#include "bind.h"

NB_MODULE(_core, module) {
  using namespace sinew::python;
  module.doc() = "The compiled half of sinew.keras; not for direct use.";
  // Layers, metrics and functions of the user's stay registered until the process ends.
  nb::set_leak_warnings(false);
  bind_errors(module);
  bind_session(module);
  bind_signatures(module);
  bind_values(module);
  bind_ops(module);
  bind_layers(module);
  bind_python_layer(module);
  bind_losses(module);
  bind_metrics(module);
  bind_optimizers(module);
  bind_callbacks(module);
  bind_summary_writer(module);
  bind_progress(module);
  bind_models(module);
}
