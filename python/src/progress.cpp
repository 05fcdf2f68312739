#include "model/progress.h"

#include "callbacks.h"
#include "progress_file.h"

namespace sinew::python {
namespace {

/// The library's progress bar for trainings that Python's loop runs, on sys.stdout.
class PythonProgress {
 public:
  explicit PythonProgress(int verbose) : progress_(verbose, file_.get()) {}

  void begin_epoch(int epoch, int epochs) { progress_.begin_epoch(epoch, epochs); }
  void begin_steps(std::int64_t steps) { progress_.begin_steps(steps); }
  void step(std::int64_t done, nb::handle logs) { progress_.step(done, to_logs(logs)); }
  void end(nb::handle logs) { progress_.end(to_logs(logs)); }

 private:
  ProgressFile file_;
  model::Progress progress_;
};

}  // namespace

void bind_progress(nb::module_& module) {
  nb::class_<PythonProgress>(module, "Progress")
      .def(nb::init<int>(), "verbose"_a)
      .def("begin_epoch", &PythonProgress::begin_epoch, "epoch"_a, "epochs"_a)
      .def(
          "begin_steps",
          [](PythonProgress& progress, const nb::object& steps) {
            progress.begin_steps(steps.is_none() ? model::Progress::kUnknownSteps
                                                 : nb::cast<std::int64_t>(steps));
          },
          "steps"_a.none())
      .def("step", &PythonProgress::step, "done"_a, "logs"_a)
      .def("end", &PythonProgress::end, "logs"_a);
}

}  // namespace sinew::python
