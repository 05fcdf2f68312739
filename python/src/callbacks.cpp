#include "callbacks.h"

#include <nanobind/stl/function.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include "held.h"
#include "sinew/model/callbacks.h"
#include "sinew/model/learning_rate_finder.h"
#include "sinew/model/model.h"

namespace sinew::python {
namespace {

using Shared = std::shared_ptr<Callback>;

/// Hooks as methods, for callbacks in Python that extend one of these and for fit() over batches.
void bind_hooks(nb::module_& module) {
  nb::class_<Callback>(module, "Callback")
      .def("set_model", &Callback::set_model, "model"_a, nb::keep_alive<1, 2>())
      .def("on_train_begin", &Callback::on_train_begin)
      .def("on_train_end", [](Callback& c, nb::handle logs) { c.on_train_end(to_logs(logs)); })
      .def("on_epoch_begin", [](Callback& c, int epoch) { c.on_epoch_begin(epoch); })
      .def("on_epoch_end",
           [](Callback& c, int epoch, nb::handle logs) { c.on_epoch_end(epoch, to_logs(logs)); })
      .def("add_results",
           [](Callback& c, nb::handle logs) {
             Logs results = to_logs(logs);
             c.add_results(results);
             return from_logs(results);
           })
      .def("on_train_batch_begin", [](Callback& c, int batch) { c.on_train_batch_begin(batch); })
      .def("on_train_batch_end",
           [](Callback& c, int batch, nb::handle logs) {
             c.on_train_batch_end(batch, to_logs(logs));
           })
      .def("on_test_begin", &Callback::on_test_begin)
      .def("on_test_end", [](Callback& c, nb::handle logs) { c.on_test_end(to_logs(logs)); })
      .def("on_predict_begin", &Callback::on_predict_begin)
      .def("on_predict_end", &Callback::on_predict_end);
}

Shared early_stopping(const std::string& monitor, double min_delta, int patience, int verbose,
                      const std::string& mode, std::optional<double> baseline,
                      bool restore_best_weights, int start_from_epoch) {
  return std::make_shared<callbacks::EarlyStopping>(
      callbacks::EarlyStoppingOptions{monitor, min_delta, patience, verbose, mode, baseline,
                                      restore_best_weights, start_from_epoch});
}

Shared model_checkpoint(const std::string& filepath, const std::string& monitor, int verbose,
                        bool save_best_only, bool save_weights_only, const std::string& mode,
                        std::int64_t save_freq, std::optional<double> initial_value_threshold) {
  return std::make_shared<callbacks::ModelCheckpoint>(
      filepath,
      callbacks::ModelCheckpointOptions{monitor, verbose, save_best_only, save_weights_only, mode,
                                        save_freq, initial_value_threshold});
}

Shared reduce_lr_on_plateau(const std::string& monitor, double factor, int patience, int verbose,
                            const std::string& mode, double min_delta, int cooldown,
                            double min_lr) {
  return std::make_shared<callbacks::ReduceLROnPlateau>(callbacks::ReduceLROnPlateauOptions{
      monitor, factor, patience, verbose, mode, min_delta, cooldown, min_lr});
}

Shared learning_rate_scheduler(const nb::object& schedule, int verbose) {
  return std::make_shared<callbacks::LearningRateScheduler>(
      [held = Held(schedule)](int epoch, double rate) {
        nb::gil_scoped_acquire lock;
        return nb::cast<double>(nb::float_(held.get()(epoch, rate)));
      },
      verbose);
}

}  // namespace

void bind_callbacks(nb::module_& module) {
  bind_hooks(module);
  module.def("EarlyStopping", &early_stopping, "monitor"_a, "min_delta"_a, "patience"_a,
             "verbose"_a, "mode"_a, "baseline"_a.none(), "restore_best_weights"_a,
             "start_from_epoch"_a);
  module.def("ModelCheckpoint", &model_checkpoint, "filepath"_a, "monitor"_a, "verbose"_a,
             "save_best_only"_a, "save_weights_only"_a, "mode"_a, "save_freq"_a,
             "initial_value_threshold"_a.none());
  module.def("ReduceLROnPlateau", &reduce_lr_on_plateau, "monitor"_a, "factor"_a, "patience"_a,
             "verbose"_a, "mode"_a, "min_delta"_a, "cooldown"_a, "min_lr"_a);
  module.def("LearningRateScheduler", &learning_rate_scheduler, "schedule"_a, "verbose"_a);
  module.def(
      "CSVLogger",
      [](const std::string& filename, const std::string& separator, bool append) {
        return Shared(std::make_shared<callbacks::CSVLogger>(
            filename, callbacks::CSVLoggerOptions{separator, append}));
      },
      "filename"_a, "separator"_a, "append"_a);
  module.def(
      "JSONLogger",
      [](const std::string& filename, bool append) {
        return Shared(std::make_shared<callbacks::JSONLogger>(
            filename, callbacks::JSONLoggerOptions{append}));
      },
      "filename"_a, "append"_a);
  module.def(
      "BackupAndRestore",
      [](const std::string& backup_dir, std::int64_t save_freq, bool double_checkpoint,
         bool delete_checkpoint) {
        return Shared(std::make_shared<callbacks::BackupAndRestore>(
            backup_dir,
            callbacks::BackupAndRestoreOptions{save_freq, double_checkpoint, delete_checkpoint}));
      },
      "backup_dir"_a, "save_freq"_a, "double_checkpoint"_a, "delete_checkpoint"_a);
  module.def(
      "TensorBoard",
      [](const std::string& log_dir, int histogram_freq, bool write_graph, bool write_images,
         bool write_steps_per_second, std::int64_t update_freq, const io::HParams& hparams) {
        return Shared(std::make_shared<callbacks::TensorBoard>(
            log_dir, callbacks::TensorBoardOptions{histogram_freq, write_graph, write_images,
                                                   write_steps_per_second, update_freq, hparams}));
      },
      "log_dir"_a, "histogram_freq"_a, "write_graph"_a, "write_images"_a,
      "write_steps_per_second"_a, "update_freq"_a, "hparams"_a);
  module.def("TerminateOnNaN",
             [] { return Shared(std::make_shared<callbacks::TerminateOnNaN>()); });
  module.def(
      "SwapEMAWeights",
      [](bool swap_on_epoch) {
        return Shared(std::make_shared<callbacks::SwapEMAWeights>(swap_on_epoch));
      },
      "swap_on_epoch"_a);
  module.def(
      "plot_learning_rates",
      [](const std::string& path, std::vector<double> rates, std::vector<double> losses,
         std::vector<double> smoothed, std::optional<double> suggestion) {
        plot_learning_rates(path, {.rates = std::move(rates),
                                   .losses = std::move(losses),
                                   .smoothed = std::move(smoothed),
                                   .suggestion = suggestion});
      },
      "path"_a, "rates"_a, "losses"_a, "smoothed"_a, "suggestion"_a.none());
  module.def(
      "callback_results",
      [](const Shared& callback) {
        nb::dict results;
        if (auto* c = dynamic_cast<callbacks::EarlyStopping*>(callback.get())) {
          results["best"] = c->best();
          results["best_epoch"] = c->best_epoch();
          results["stopped_epoch"] = c->stopped_epoch();
        } else if (auto* c = dynamic_cast<callbacks::ModelCheckpoint*>(callback.get())) {
          results["best"] = c->best();
        }
        return results;
      },
      "callback"_a, "What a callback has found, for its attributes in Python.");
  module.def(
      "python_callback",
      [](const nb::object& callback, const std::vector<std::string>& hooks) {
        return Shared(python_callback(callback, hooks));
      },
      "callback"_a, "hooks"_a);
}

}  // namespace sinew::python
