#include "training.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "callbacks.h"
#include "model/state.h"
#include "progress_file.h"
#include "sinew/model/learning_rate_finder.h"

namespace sinew::python {
namespace {

using Arrays = std::vector<Array>;
using Callbacks = std::vector<std::shared_ptr<Callback>>;
using MetricOrName = std::variant<std::string, std::shared_ptr<Metric>>;

/// The callbacks, and what looks for the user's interruption after each step.
std::vector<CallbackPtr> with_interrupt(const Callbacks& callbacks) {
  std::vector<CallbackPtr> result;
  for (const auto& callback : callbacks) result.emplace_back(callback, callback.get());
  result.push_back(interrupt_callback());
  return result;
}

/// What `run` returns, without Python's lock while it works.
auto unlocked(const auto& run) {
  const nb::gil_scoped_release release;
  return run();
}

TensorList tensors(const Arrays& arrays) { return TensorList(to_tensors(arrays)); }

MetricLists metric_lists(const std::vector<std::vector<MetricOrName>>& given) {
  MetricsPerOutput lists;
  for (const auto& list : given) {
    std::vector<MetricPtr>& metrics = lists.emplace_back();
    for (const MetricOrName& metric : list)
      metrics.push_back(std::visit([](const auto& held) { return MetricPtr(held); }, metric));
  }
  return MetricLists(std::move(lists));
}

void compile(Model& model, const std::shared_ptr<Optimizer>& optimizer,
             const std::vector<Loss>& losses, const std::vector<double>& loss_weights,
             const std::vector<std::vector<MetricOrName>>& metrics,
             const std::vector<std::vector<MetricOrName>>& weighted_metrics) {
  model.compile({.optimizer = OptimizerPtr(optimizer),
                 .loss = LossList(losses),
                 .loss_weights = loss_weights,
                 .metrics = metric_lists(metrics),
                 .weighted_metrics = metric_lists(weighted_metrics)});
}

std::shared_ptr<Optimizer> optimizer_of(const Model& model) {
  return model.state()->compiled_training().arguments().optimizer;
}

nb::dict history_dict(const History& history) {
  nb::dict series;
  for (const auto& [name, values] : history.series()) series[name.c_str()] = values;
  nb::dict result;
  result["epoch"] = history.epoch;
  result["history"] = series;
  return result;
}

nb::dict fit(Model& model, const Arrays& x, const Arrays& y, int epochs, std::int64_t batch_size,
             int verbose, const Callbacks& callbacks, double validation_split,
             const std::tuple<Arrays, Arrays, Arrays>& validation_data, bool shuffle,
             const std::map<int, double>& class_weight, const Arrays& sample_weight,
             int initial_epoch, int validation_freq, std::optional<std::int64_t> seed,
             const std::string& resume, const std::string& checkpoint,
             std::int64_t checkpoint_every) {
  const ProgressFile progress;
  const FitArguments arguments{.epochs = epochs,
                               .batch_size = batch_size,
                               .verbose = verbose,
                               .progress = progress.get(),
                               .callbacks = with_interrupt(callbacks),
                               .validation_split = validation_split,
                               .validation_data = {tensors(std::get<0>(validation_data)),
                                                   tensors(std::get<1>(validation_data)),
                                                   tensors(std::get<2>(validation_data))},
                               .shuffle = shuffle,
                               .class_weight = class_weight,
                               .sample_weight = tensors(sample_weight),
                               .initial_epoch = initial_epoch,
                               .validation_freq = validation_freq,
                               .seed = seed,
                               .resume = resume,
                               .checkpoint = checkpoint,
                               .checkpoint_every = checkpoint_every};
  const TensorList inputs = tensors(x);
  const TensorList targets = tensors(y);
  const auto history = unlocked([&] { return model.fit(inputs, targets, arguments); });
  return history_dict(history);
}

nb::dict evaluate(Model& model, const Arrays& x, const Arrays& y, std::int64_t batch_size,
                  int verbose, const Arrays& sample_weight, const Callbacks& callbacks) {
  const ProgressFile progress;
  const EvaluateArguments arguments{.batch_size = batch_size,
                                    .verbose = verbose,
                                    .progress = progress.get(),
                                    .sample_weight = tensors(sample_weight),
                                    .callbacks = with_interrupt(callbacks)};
  const TensorList inputs = tensors(x);
  const TensorList targets = tensors(y);
  const auto logs = unlocked([&] { return model.evaluate(inputs, targets, arguments); });
  return from_logs(logs);
}

nb::list predict(Model& model, const Arrays& x, std::int64_t batch_size, int verbose,
                 const Callbacks& callbacks) {
  const ProgressFile progress;
  const PredictArguments arguments{.batch_size = batch_size,
                                   .verbose = verbose,
                                   .progress = progress.get(),
                                   .callbacks = with_interrupt(callbacks)};
  const TensorList inputs = tensors(x);
  const auto outputs = unlocked([&] { return model.predict_all(inputs, arguments); });
  return to_arrays(outputs);
}

nb::dict find_rate(Model& model, const Arrays& x, const Arrays& y, const Arrays& sample_weight,
                   double start, double end, int steps, std::int64_t batch_size, double smoothing,
                   double divergence, std::optional<std::int64_t> seed) {
  const FindLearningRateArguments arguments{.start = start,
                                            .end = end,
                                            .steps = steps,
                                            .batch_size = batch_size,
                                            .smoothing = smoothing,
                                            .divergence = divergence,
                                            .sample_weight = tensors(sample_weight),
                                            .seed = seed};
  const TensorList inputs = tensors(x);
  const TensorList targets = tensors(y);
  const auto range =
      unlocked([&] { return find_learning_rate(model, inputs, targets, arguments); });
  nb::dict result;
  result["rates"] = range.rates;
  result["losses"] = range.losses;
  result["smoothed"] = range.smoothed;
  result["diverged"] = range.diverged;
  result["suggestion"] = range.suggestion;
  return result;
}

nb::dict train_on_batch(Model& model, const Arrays& x, const Arrays& y, const Arrays& sample_weight,
                        const std::map<int, double>& class_weight) {
  const TensorList inputs = tensors(x);
  const TensorList targets = tensors(y);
  const TensorList weights = tensors(sample_weight);
  const auto logs =
      unlocked([&] { return model.train_on_batch(inputs, targets, weights, class_weight); });
  return from_logs(logs);
}

nb::dict test_on_batch(Model& model, const Arrays& x, const Arrays& y,
                       const Arrays& sample_weight) {
  const TensorList inputs = tensors(x);
  const TensorList targets = tensors(y);
  const TensorList weights = tensors(sample_weight);
  const auto logs = unlocked([&] { return model.test_on_batch(inputs, targets, weights); });
  return from_logs(logs);
}

}  // namespace

void bind_training(nb::class_<Model>& model) {
  model
      .def("compile", &compile, "optimizer"_a, "losses"_a, "loss_weights"_a, "metrics"_a,
           "weighted_metrics"_a)
      .def("fit", &fit, "x"_a, "y"_a, "epochs"_a, "batch_size"_a, "verbose"_a, "callbacks"_a,
           "validation_split"_a, "validation_data"_a, "shuffle"_a, "class_weight"_a,
           "sample_weight"_a, "initial_epoch"_a, "validation_freq"_a, "seed"_a.none(), "resume"_a,
           "checkpoint"_a, "checkpoint_every"_a)
      .def("evaluate", &evaluate, "x"_a, "y"_a, "batch_size"_a, "verbose"_a, "sample_weight"_a,
           "callbacks"_a)
      .def("predict", &predict, "x"_a, "batch_size"_a, "verbose"_a, "callbacks"_a)
      .def("train_on_batch", &train_on_batch, "x"_a, "y"_a, "sample_weight"_a, "class_weight"_a)
      .def("test_on_batch", &test_on_batch, "x"_a, "y"_a, "sample_weight"_a)
      .def("find_learning_rate", &find_rate, "x"_a, "y"_a, "sample_weight"_a, "start"_a, "end"_a,
           "steps"_a, "batch_size"_a, "smoothing"_a, "divergence"_a, "seed"_a.none())
      .def("reset_metrics", &Model::reset_metrics)
      .def_prop_ro("optimizer", [](const Model& m) { return optimizer_of(m); })
      .def_prop_rw("stop_training", &Model::stop_training, &Model::set_stop_training)
      .def_prop_rw("learning_rate", &Model::learning_rate, &Model::set_learning_rate)
      .def_prop_ro("iterations", &Model::iterations)
      .def_prop_ro("memory_plan", [](const Model& m) {
        const MemoryPlan plan = m.memory_plan();
        nb::dict result;
        result["arenas"] = plan.arenas;
        result["weights"] = plan.weights;
        result["optimizer"] = plan.optimizer;
        result["total"] = plan.total();
        return result;
      });
}

}  // namespace sinew::python
