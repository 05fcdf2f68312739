#include "sinew/io/summary_writer.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/variant.h>

#include "arrays.h"
#include "sinew/model/callbacks/tensorboard.h"

namespace sinew::python {

void bind_summary_writer(nb::module_& module) {
  using io::SummaryWriter;
  nb::class_<SummaryWriter>(module, "SummaryWriter")
      .def(nb::init<const std::string&>(), "folder"_a)
      .def("scalar", &SummaryWriter::scalar, "tag"_a, "value"_a, "step"_a)
      .def(
          "histogram",
          [](SummaryWriter& writer, const std::string& tag, const Array& values, std::int64_t step,
             int buckets) { writer.histogram(tag, to_tensor(values), step, buckets); },
          "tag"_a, "values"_a, "step"_a, "buckets"_a)
      .def(
          "image",
          [](SummaryWriter& writer, const std::string& tag, const Array& images, std::int64_t step,
             int max_outputs) { writer.image(tag, to_tensor(images), step, max_outputs); },
          "tag"_a, "images"_a, "step"_a, "max_outputs"_a)
      .def("text", &SummaryWriter::text, "tag"_a, "text"_a, "step"_a)
      .def("graph", &SummaryWriter::graph, "model_json"_a, "step"_a)
      .def("hparams", &SummaryWriter::hparams, "values"_a, "trial"_a)
      .def("hparams_end", &SummaryWriter::hparams_end, "success"_a)
      .def("flush", &SummaryWriter::flush)
      .def_prop_ro("path", &SummaryWriter::path);
  module.def(
      "tensorboard_writer",
      [](const std::shared_ptr<Callback>& callback, bool validation) -> SummaryWriter& {
        auto& board = dynamic_cast<callbacks::TensorBoard&>(*callback);
        return validation ? board.validation_writer() : board.train_writer();
      },
      "callback"_a, "validation"_a, nb::rv_policy::reference, nb::keep_alive<0, 1>());
}

}  // namespace sinew::python
