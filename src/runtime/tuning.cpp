#include "runtime/tuning.h"

#include <fmt/format.h>

#include <bit>
#include <cstdlib>
#include <filesystem>

#include "io/json.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"
#include "sinew/runtime/machine.h"

namespace sinew::runtime {
namespace {

using io::Json;

constexpr const char* kFormat = "sinew-tuning-1";

[[noreturn]] void malformed(const std::string& path, const std::string& what) {
  throw FileError(fmt::format(
      "tuning table {}: {}. Delete it and run `sinew bench --tune` for a new one, or set "
      "SINEW_TUNING=none to do without",
      path, what));
}

TuningTable::Choice choice_of(const Json& json, const std::string& where, const std::string& path) {
  if (!json.is_object() || !json.contains("implementation") || !json["implementation"].is_string())
    malformed(path, fmt::format("{} does not name an implementation", where));
  TuningTable::Choice choice{json["implementation"].get<std::string>()};
  if (!json.contains("microseconds")) return choice;
  const Json& measured = json["microseconds"];
  if (!measured.is_object()) malformed(path, fmt::format("{}: microseconds is no object", where));
  for (const auto& [name, value] : measured.items()) {
    if (!value.is_number()) malformed(path, fmt::format("{}: a time is not a number", where));
    choice.microseconds[name] = value.get<double>();
  }
  return choice;
}

/// Fowler, Noll and Vo's hash, 64 bits (FNV-1a).
std::uint64_t hash(const std::string& text) {
  std::uint64_t value = 0xcbf29ce484222325u;
  for (unsigned char byte : text) value = (value ^ byte) * 0x100000001b3u;
  return value;
}

std::int64_t extent_class(std::int64_t extent) {
  constexpr std::int64_t kExact = 16;
  if (extent <= kExact) return extent;
  return static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(extent)));
}

std::string kinds(const std::vector<TensorType>& types) {
  std::string text;
  for (TensorType type : types) {
    std::vector<std::int64_t> dims = type.shape.dims();
    for (std::int64_t& dim : dims) dim = extent_class(dim);
    type.shape = Shape(std::move(dims));
    text += (text.empty() ? "" : ", ") + type.str();
  }
  return text;
}

}  // namespace

TuningTable TuningTable::parse(const std::string& text, const std::string& path) {
  const Json json = [&] {
    try {
      return io::parse_json(text);
    } catch (const ValueError& error) {
      malformed(path, fmt::format("it is not JSON: {}", error.what()));
    }
  }();
  if (!json.is_object() || json.value("format", Json()) != kFormat)
    malformed(path, fmt::format("its format is not \"{}\"", kFormat));
  if (!json.contains("machines") || !json["machines"].is_object())
    malformed(path, "it has no object \"machines\"");
  TuningTable table;
  for (const auto& [machine, choices] : json["machines"].items()) {
    if (!choices.is_object()) malformed(path, fmt::format("machine \"{}\" is no object", machine));
    for (const auto& [request, choice] : choices.items()) {
      const std::string where = fmt::format("\"{}\" of machine \"{}\"", request, machine);
      table.machines_[machine][request] = choice_of(choice, where, path);
    }
  }
  return table;
}

std::string TuningTable::str() const {
  Json machines = Json::object();
  for (const auto& [machine, choices] : machines_) {
    for (const auto& [request, choice] : choices) {
      Json entry = {{"implementation", choice.implementation}};
      for (const auto& [name, value] : choice.microseconds) entry["microseconds"][name] = value;
      machines[machine][request] = std::move(entry);
    }
  }
  return Json({{"format", kFormat}, {"machines", std::move(machines)}}).dump(2) + "\n";
}

const TuningTable::Choice* TuningTable::find(const std::string& machine,
                                             const std::string& request) const {
  const auto choices = machines_.find(machine);
  if (choices == machines_.end()) return nullptr;
  const auto at = choices->second.find(request);
  return at == choices->second.end() ? nullptr : &at->second;
}

void TuningTable::set(const std::string& machine, const std::string& request, Choice choice) {
  machines_[machine][request] = std::move(choice);
}

std::size_t TuningTable::size(const std::string& machine) const {
  const auto choices = machines_.find(machine);
  return choices == machines_.end() ? 0 : choices->second.size();
}

std::string TuningTable::identity(const std::string& machine) const {
  if (size(machine) == 0) return "default";
  std::string text;
  for (const auto& [request, choice] : machines_.at(machine))
    text += request + "\n" + choice.implementation + "\n";
  return fmt::format("{:016x}", hash(text));
}

std::string tuning_path() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  };
  const std::string given = variable("SINEW_TUNING");
  if (!given.empty()) return given == "none" ? "" : given;
  const std::string config = variable("XDG_CONFIG_HOME");
  if (!config.empty()) return config + "/sinew/tuning.json";
  const std::string home = variable("HOME");
  return home.empty() ? "" : home + "/.config/sinew/tuning.json";
}

const TuningTable& tuning_table() {
  static const TuningTable table = [] {
    const std::string path = tuning_path();
    const bool asked_for = std::getenv("SINEW_TUNING") && *std::getenv("SINEW_TUNING");
    if (path.empty() || (!asked_for && !std::filesystem::exists(path))) return TuningTable();
    constexpr std::size_t kLargest = 16'000'000;
    const std::vector<std::uint8_t> bytes = io::read_file(path, kLargest);
    return TuningTable::parse(std::string(bytes.begin(), bytes.end()), path);
  }();
  return table;
}

KernelRequest request_of(const Step& step) {
  KernelRequest request{step.kernel, step.attributes, {}, {}, step.scope, step.implementation};
  for (const Operand& operand : step.inputs) request.inputs.push_back(operand.type);
  for (const Operand& operand : step.outputs) request.outputs.push_back(operand.type);
  return request;
}

std::string request_kind(const KernelRequest& request) {
  // Shapes among the attributes are those of operands.
  Attributes attributes;
  for (const auto& [name, value] : request.attributes) {
    if (!name.ends_with("_shape")) attributes.set(name, value);
  }
  const std::string given = attributes.str();
  return fmt::format("{}{}{} {} -> {}", request.op, given.empty() ? "" : " ", given,
                     kinds(request.inputs), kinds(request.outputs));
}

}  // namespace sinew::runtime

namespace sinew {

std::string tuning_info() {
  using namespace runtime;
  const std::string path = tuning_path();
  const std::string machine = default_backend().machine();
  const TuningTable& table = tuning_table();
  const std::size_t choices = table.size(machine);
  if (choices > 0) {
    return fmt::format("{} ({} choices, identity {})", path, choices, table.identity(machine));
  }
  if (path.empty()) return "default (no table)";
  return fmt::format("default (no choices for this machine in {})", path);
}

}  // namespace sinew
