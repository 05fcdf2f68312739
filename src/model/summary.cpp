#include <fmt/format.h>

#include <algorithm>

#include "model/state.h"
#include "sinew/base/text.h"

namespace sinew::model {
namespace {

std::string readable_bytes(std::int64_t bytes) {
  auto amount = static_cast<double>(bytes);
  for (const char* unit : {"B", "KB", "MB", "GB", "TB"}) {
    if (amount < 1024) return fmt::format("{:.2f} {}", amount, unit);
    amount /= 1024;
  }
  return fmt::format("{:.2f} PB", amount);
}

std::int64_t count(const std::vector<VariablePtr>& variables) {
  std::int64_t total = 0;
  for (const VariablePtr& variable : variables) total += variable->shape().numel();
  return total;
}

std::string total_line(const char* what, const std::vector<VariablePtr>& variables) {
  std::int64_t bytes = 0;
  for (const VariablePtr& variable : variables) {
    bytes += variable->shape().numel() * static_cast<std::int64_t>(size_of(variable->dtype()));
  }
  return fmt::format(" {} params: {} ({})\n", what, grouped(count(variables)),
                     readable_bytes(bytes));
}

/// Characters on the screen: bytes that do not continue a UTF-8 sequence.
std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

using Row = std::vector<std::string>;

std::string table(const std::vector<Row>& rows, const std::vector<bool>& right) {
  std::vector<std::size_t> widths(right.size(), 0);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  }
  const auto rule = [&](const char* left, const char* line, const char* cross, const char* end) {
    std::string text = left;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      for (std::size_t k = 0; k < widths[i] + 2; ++k) text += line;
      text += i + 1 < widths.size() ? cross : end;
    }
    return text + "\n";
  };
  const auto cells = [&](const Row& row, const char* bar) {
    std::string text = bar;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - columns(row[i]), ' ');
      text += " " + (right[i] ? space + row[i] : row[i] + space) + " " + bar;
    }
    return text + "\n";
  };
  std::string text = rule("┏", "━", "┳", "┓") + cells(rows[0], "┃") + rule("┡", "━", "╇", "┩");
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (i > 1) text += rule("├", "─", "┼", "┤");
    text += cells(rows[i], "│");
  }
  return text + rule("└", "─", "┴", "┘");
}

std::string shapes(const std::vector<TensorType>& types) {
  std::string text;
  for (const TensorType& type : types) text += (text.empty() ? "" : ", ") + type.shape.str();
  return types.size() == 1 ? text : "[" + text + "]";
}

/// `conv2d[0][0], dense[1][0]`: layer, call and output that each input comes from.
std::string sources(const Network& network, const std::shared_ptr<Layer>& layer) {
  std::string text;
  for (const Network::Call& call : network.calls()) {
    if (call.layer != layer) continue;
    for (const Network::Source& source : call.inputs) {
      const Network::Call& from = network.calls()[static_cast<std::size_t>(source.call)];
      text += fmt::format("{}{}[{}][{}]", text.empty() ? "" : ", ", from.layer->name(), from.node,
                          source.output);
    }
  }
  return text.empty() ? "-" : text;
}

}  // namespace

std::string summary(const State& state) {
  std::vector<Row> rows = {{"Layer (type)", "Output Shape", "Param #"}};
  std::vector<bool> right = {false, false, true};
  if (!state.sequential) {
    rows[0].push_back("Connected to");
    right.push_back(false);
  }
  for (const auto& layer : state.layers()) {
    Row row = {fmt::format("{} ({})", layer->name(), layer->class_name())};
    if (state.built()) {
      const auto& calls = state.built_network().calls();
      const auto call = std::find_if(calls.begin(), calls.end(),
                                     [&](const auto& other) { return other.layer == layer; });
      row.push_back(shapes(call->types));
      row.push_back(grouped(layer->parameter_count()));
    } else {
      row.push_back("?");
      row.push_back("0 (unbuilt)");
    }
    if (!state.sequential) row.push_back(sources(state.built_network(), layer));
    rows.push_back(std::move(row));
  }
  std::string text = fmt::format("Model: \"{}\"\n{}", state.name, table(rows, right));
  std::vector<VariablePtr> total = state.weights();
  std::vector<VariablePtr> slots;
  if (state.training) slots = state.training->optimizer_variables();
  total.insert(total.end(), slots.begin(), slots.end());
  text += total_line("Total", total) + total_line("Trainable", state.weights(true)) +
          total_line("Non-trainable", state.weights(false));
  if (!slots.empty()) text += total_line("Optimizer", slots);
  return text;
}

}  // namespace sinew::model
