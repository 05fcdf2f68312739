#include <fmt/format.h>

#include "model/compile_json.h"
#include "model/position.h"
#include "sinew/base/error.h"

namespace sinew::model {
namespace {

/// Reals are kept as text: JSON has no infinity, and the same bits must come back.
Json history_to_json(const History& history) {
  Json series = Json::object();
  for (const auto& [name, values] : history.series()) {
    Json list = Json::array();
    for (double value : values) list.push_back(exact(value));
    series[name] = std::move(list);
  }
  return {{"epoch", history.epoch}, {"series", std::move(series)}};
}

double real(const Json& json, const std::string& where) {
  if (!json.is_string()) throw ValueError(where + ": a number is not given as text");
  return from_exact(json.get<std::string>(), where);
}

/// Epochs must follow each other up to the present one, and a result has at most one value an
/// epoch.
void check_history(const Json& epochs, const Json& series, int present, const std::string& where) {
  std::int64_t last = -1;
  for (const Json& epoch : epochs) {
    const bool follows = epoch.is_number_integer() && epoch > last && epoch <= present;
    if (!follows) {
      throw ValueError(
          fmt::format("{}: its history has the epochs {}, but the training stands in "
                      "epoch {}",
                      where, epochs.dump(), present));
    }
    last = epoch.get<std::int64_t>();
  }
  for (const auto& [name, values] : series.items()) {
    if (!values.is_array() || values.size() > epochs.size()) {
      throw ValueError(fmt::format("{}: the history of '{}' is not a list of at most {} values: {}",
                                   where, name, epochs.size(), values.dump()));
    }
  }
}

History history_from_json(const Json& json, int present, const std::string& where) {
  History history;
  const Json& epochs = member(json, "epoch", Json::value_t::array, where);
  const Json& series = member(json, "series", Json::value_t::object, where);
  check_history(epochs, series, present, where);
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    Logs logs;
    for (const auto& [name, values] : series.items()) {
      // A result that is not there for each epoch (validation_freq) belongs to the last ones.
      const std::size_t missing = epochs.size() - std::min(epochs.size(), values.size());
      if (i >= missing) logs.set(name, real(values[i - missing], where));
    }
    history.append(epochs[i].get<int>(), logs);
  }
  return history;
}

}  // namespace

Json position_to_json(const Position& position) {
  Json callbacks = Json::array();
  for (const auto& state : position.callbacks) {
    Json entry = Json::object();
    for (const auto& [name, value] : state.numbers) entry[name] = exact(value);
    callbacks.push_back(std::move(entry));
  }
  return {{"epoch", position.epoch},
          {"batch", position.batch},
          {"seed", position.seed},
          {"rows", position.rows},
          {"batch_size", position.batch_size},
          {"shuffle", position.shuffle},
          {"stopped", position.stopped},
          {"kernels", position.kernels},
          {"history", history_to_json(position.history)},
          {"callbacks", std::move(callbacks)}};
}

Position position_from_json(const Json& json, const std::string& where) {
  Position position;
  const std::int64_t epoch = integer_member(json, "epoch", where);
  position.epoch = static_cast<int>(epoch);
  if (position.epoch != epoch || epoch < 0)
    throw ValueError(fmt::format("{}: its position is epoch {}", where, epoch));
  position.batch = integer_member(json, "batch", where);
  position.seed = integer_member(json, "seed", where);
  position.rows = integer_member(json, "rows", where);
  position.batch_size = integer_member(json, "batch_size", where);
  const auto flag = [&](const char* name) {
    return member(json, name, Json::value_t::boolean, where).get<bool>();
  };
  position.shuffle = flag("shuffle");
  position.stopped = flag("stopped");
  // Checkpoints of earlier versions do not say.
  if (json.contains("kernels")) position.kernels = text_member(json, "kernels", where);
  position.history = history_from_json(member(json, "history", Json::value_t::object, where),
                                       position.epoch, where);
  for (const Json& entry : member(json, "callbacks", Json::value_t::array, where)) {
    if (!entry.is_object()) throw ValueError(where + ": the state of a callback is not an object");
    auto& state = position.callbacks.emplace_back();
    for (const auto& [name, value] : entry.items()) state.numbers[name] = real(value, where);
  }
  if (position.epoch < 0 || position.batch < 0)
    throw ValueError(where + ": its position is negative");
  return position;
}

}  // namespace sinew::model
