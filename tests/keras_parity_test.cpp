// The page docs/keras-parity.md: what Keras has, what Sinew has of it, and how much of that is
// compared with records of real Keras. SINEW_WRITE_PARITY=1 writes it; without, it must be as it
// would be written.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "io/json.h"
#include "nn/keras/activations.h"
#include "nn/keras/losses.h"
#include "nn/keras/metrics.h"
#include "nn/keras/weights.h"
#include "paths.h"
#include "sinew/base/error.h"
#include "sinew/nn/activations.h"
#include "sinew/nn/constraints.h"
#include "sinew/nn/losses.h"
#include "sinew/nn/metrics.h"
#include "sinew/nn/optimizers.h"
#include "sinew/nn/registry.h"

namespace sinew {
namespace {

using Json = nlohmann::ordered_json;

/// How often each class is compared, by the name without case and underscores.
class Records {
 public:
  void add(const std::string& identifier) {
    ++count_[Identifier::parse(identifier, "record").key()];
  }
  int of(const std::string& name) const {
    const auto at = count_.find(Identifier{name}.key());
    return at == count_.end() ? 0 : at->second;
  }

 private:
  std::map<std::string, int> count_;
};

Json read(const std::string& path) {
  std::ifstream in(paths::source() + path);
  return Json::parse(in);
}

/// Every class_name within a model's JSON.
void add_classes(const Json& json, Records& records) {
  if (json.is_object() && json.contains("class_name") && json["class_name"].is_string())
    records.add(json["class_name"].get<std::string>());
  if (json.is_structured()) {
    for (const Json& part : json) add_classes(part, records);
  }
}

Records layer_records() {
  Records records;
  const Json layers = read("/tests/nn/keras_layers.json");
  const Json models = read("/tests/model/keras_models.json");
  for (const Json& layer : layers["layers"]) add_classes(layer, records);
  for (const Json& model : models["models"]) add_classes(model["model"]["config"], records);
  return records;
}

template <typename Cases>
Records identifier_records(const Cases& cases) {
  Records records;
  for (const auto& one : cases) records.add(one.identifier);
  return records;
}

Records optimizer_records(const char* list, const char* entry) {
  Records records;
  const Json file = read("/tests/nn/optimizers_keras.json");
  for (const Json& one : file[list]) add_classes(one[entry], records);
  return records;
}

/// Whether making one by its name fails for the name: other complaints are about arguments.
template <typename Make>
bool knows(const Make& make) {
  try {
    make();
  } catch (const Error& error) {
    return std::string(error.what()).find("unknown") == std::string::npos;
  }
  return true;
}

/// Why something is not there and will not be, or is there under another form.
const std::map<std::string, std::string>& remarks() {
  static const std::string foreign = "refused: runs code of another framework";
  static const std::map<std::string, std::string> table = {
      {"FlaxLayer", foreign},
      {"JaxLayer", foreign},
      {"TFSMLayer", foreign},
      {"TorchModuleWrapper", foreign},
      {"Wrapper", "a base class: derive from Layer and add_sublayer()"},
      {"Lambda", "done; a function cannot be read from a file"},
      {"InputLayer", "done: Input()"},
      {"MeanMetricWrapper", "done: compile() takes functions as metrics"},
      {"CallbackList", "done: fit() takes a list"},
      {"History", "done: what fit() returns"},
      {"ProgbarLogger", "done: fit()'s verbose"},
      {"OrbaxCheckpoint", "refused: a format of JAX; ModelCheckpoint writes resumable files"},
      {"RemoteMonitor", "done in Python; in C++ a callback of the user's sends what it likes"},
  };
  return table;
}

struct Kind {
  const char* key;
  const char* title;
  std::function<bool(const std::string&)> has;
  Records records;
};

std::vector<Kind> kinds() {
  const std::vector<std::string> registered = layer_names();
  const std::set<std::string> layers(registered.begin(), registered.end());
  const std::set<std::string> callbacks = {
      "BackupAndRestore",      "CSVLogger",        "EarlyStopping",  "LambdaCallback",
      "ModelCheckpoint",       "TensorBoard",      "SwapEMAWeights", "TerminateOnNaN",
      "LearningRateScheduler", "ReduceLROnPlateau"};
  return {
      {"layers", "Layers", [layers](const std::string& n) { return layers.contains(n); },
       layer_records()},
      {"optimizers", "Optimizers",
       [](const std::string& n) { return knows([&] { OptimizerPtr optimizer(n); }); },
       optimizer_records("cases", "optimizer")},
      {"schedules", "Learning rate schedules",
       [](const std::string& n) { return knows([&] { LearningRate rate(n.c_str()); }); },
       optimizer_records("schedules", "schedule")},
      {"losses", "Losses", [](const std::string& n) { return knows([&] { Loss loss(n); }); },
       identifier_records(keras::kLosses)},
      {"metrics", "Metrics",
       [](const std::string& n) { return knows([&] { MetricPtr metric(n); }); },
       identifier_records(keras::kMetrics)},
      {"callbacks",
       "Callbacks",
       [callbacks](const std::string& n) { return callbacks.contains(n); },
       {}},
      {"initializers", "Initializers",
       [](const std::string& n) { return knows([&] { Initializer initializer(n); }); },
       identifier_records(keras::kStft)},
      {"regularizers", "Regularizers",
       [](const std::string& n) { return knows([&] { Regularizer regularizer(n); }); },
       identifier_records(keras::kRegularizers)},
      {"constraints", "Constraints",
       [](const std::string& n) { return knows([&] { Constraint constraint(n); }); },
       identifier_records(keras::kConstraints)},
      {"activations", "Activations",
       [](const std::string& n) { return knows([&] { ActivationFunction activation(n); }); },
       [] {
         Records records = identifier_records(keras::kActivations);
         for (const auto& one : keras::kAxisActivations) records.add(one.identifier);
         return records;
       }()},
  };
}

/// What python/parity found of one name: the largest relative errors, by column.
std::string errors_of(const Json& found, const std::string& kind, const std::string& name) {
  std::string cells;
  for (const char* column : {"float32", "float64", "ten steps"}) {
    const Json::json_pointer place("/" + kind + "/" + name + "/" + column);
    cells += found.contains(place) ? fmt::format(" {:.0e} |", found[place].get<double>()) : "  |";
  }
  return cells;
}

std::string page() {
  const Json names = read("/tests/nn/keras/names.json");
  const Json found = read("/tests/nn/keras/parity.json");
  std::string text = fmt::format(
      "# Parity with Keras {}\n\n"
      "Written by the test KerasParity (`SINEW_WRITE_PARITY=1 build/release/bin/sinew_tests "
      "--gtest_filter=KerasParity.*`) from\n"
      "Keras's own list of names, Sinew's registries, and the recorded values of real Keras that "
      "the tests compare with.\n"
      "`records`: so many recorded cases of it, values and gradients, or steps of training, agree "
      "in every run of the tests.\n\n"
      "The other columns are of real Keras {} in the same process (`scripts/keras-parity`): the "
      "largest relative error of values,\n"
      "input and weight gradients in float32 and in float64, and of all weights after ten steps "
      "of training in float64. Keras's attention takes its softmax in float32, whatever the "
      "dtype.\n",
      names["keras"].get<std::string>(), found["keras"].get<std::string>());
  for (const Kind& kind : kinds()) {
    std::string rows;
    int done = 0;
    for (const Json& entry : names[kind.key]) {
      const std::string name = entry.get<std::string>();
      const auto remark = remarks().find(name);
      std::string state = "not yet";
      if (kind.has(name)) state = "done";
      if (remark != remarks().end()) state = remark->second;
      if (state.starts_with("done")) ++done;
      const int compared = kind.records.of(name);
      rows +=
          fmt::format("| {} | {} | {} |{}\n", name, state, compared ? std::to_string(compared) : "",
                      errors_of(found, kind.key, name));
    }
    text += fmt::format(
        "\n## {}: {} of {}\n| | | records | float32 | float64 | ten steps |\n"
        "|---|---|---|---|---|---|\n{}",
        kind.title, done, names[kind.key].size(), rows);
  }
  return text;
}

TEST(KerasParity, ThePageSaysWhatThereIs) {
  const std::string path = paths::source() + "/docs/keras-parity.md";
  if (std::getenv("SINEW_WRITE_PARITY")) std::ofstream(path) << page();
  std::stringstream written;
  written << std::ifstream(path).rdbuf();
  EXPECT_EQ(written.str(), page()) << "write it again: SINEW_WRITE_PARITY=1";
}

}  // namespace
}  // namespace sinew
