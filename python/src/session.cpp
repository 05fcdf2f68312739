#include "sinew/nn/session.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bind.h"
#include "sinew/base/parallel.h"
#include "sinew/nn/dtype_policy.h"

namespace sinew::python {

void bind_session(nb::module_& module) {
  module.attr("__version__") = SINEW_VERSION;
  module.def("set_random_seed", &set_random_seed, "seed"_a);
  module.def("random_seed", &random_seed);
  module.def("clear_session", &clear_session);
  module.def("unique_name", &unique_name, "base"_a);
  module.def(
      "set_dtype_policy", [](const std::string& name) { set_dtype_policy(name); }, "name"_a);
  module.def("dtype_policy", [] { return dtype_policy().name(); });
  module.def("dtype_policy_names", &dtype_policy_names);
  module.def("compute_dtype", [](const std::string& policy) {
    return std::string(name_of(DTypePolicy(policy).compute_dtype()));
  });
  module.def("variable_dtype", [](const std::string& policy) {
    return std::string(name_of(DTypePolicy(policy).variable_dtype()));
  });
  module.def("set_num_threads", &set_num_threads, "threads"_a);
  module.def("num_threads", &num_threads);
}

}  // namespace sinew::python
