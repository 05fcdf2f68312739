#pragma once

#include "bind.h"
#include "sinew/model/model.h"

namespace sinew::python {

/// compile(), fit() and its kin. The interpreter's lock is free while steps run.
void bind_training(nb::class_<Model>& model);

}  // namespace sinew::python
