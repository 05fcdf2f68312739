#include "cli/trained_on.h"

#include <fmt/format.h>

#include "model/config_json.h"
#include "sinew/base/error.h"

namespace sinew::cli {
namespace {

using model::integer_member;
using model::Json;
using model::member;
using model::text_member;

constexpr const char* kEntry = "sinew.data";

std::vector<std::string> texts(const Json& json, const char* name, const std::string& where) {
  std::vector<std::string> result;
  for (const Json& text : member(json, name, Json::value_t::array, where)) {
    if (!text.is_string())
      throw ValueError(fmt::format("{}: '{}' holds other than texts", where, name));
    result.push_back(text.get<std::string>());
  }
  return result;
}

}  // namespace

void keep_trained_on(Model& model, const Dataset& data) {
  Json json = {{"classes", data.classes}, {"class_names", data.class_names}};
  if (data.layout) {
    json["table"] = {{"header", data.layout->header},
                     {"columns", data.layout->columns},
                     {"label", data.layout->label},
                     {"label_column", data.layout->label_column}};
  }
  try {
    model.set_metadata(kEntry, json.dump());
  } catch (const Json::type_error&) {
    throw FileError(fmt::format("{}: the name of a column or class is not UTF-8", data.name));
  }
}

std::optional<TrainedOn> trained_on(const Model& model, const std::string& path) {
  const auto entry = model.metadata().find(kEntry);
  if (entry == model.metadata().end()) return std::nullopt;
  const std::string where = fmt::format("{}: metadata '{}'", path, kEntry);
  const Json json = model::parse_json(entry->second, where);
  TrainedOn result{.classes = integer_member(json, "classes", where),
                   .class_names = texts(json, "class_names", where)};
  if (result.classes < 0)
    throw ValueError(fmt::format("{}: 'classes' is {}", where, result.classes));
  if (json.contains("table")) {
    const Json& table = member(json, "table", Json::value_t::object, where);
    data::CsvLayout layout;
    if (!table.contains("header") || !table["header"].is_boolean())
      throw ValueError(where + ": 'header' is missing");
    layout.header = table["header"].get<bool>();
    layout.columns = texts(table, "columns", where);
    layout.label = text_member(table, "label", where);
    layout.label_column = integer_member(table, "label_column", where);
    // `columns` are those beside it.
    const auto others = static_cast<std::int64_t>(layout.columns.size());
    if (layout.label_column < 0 || layout.label_column > others) {
      throw ValueError(fmt::format("{}: 'label_column' is {}, beside {} columns", where,
                                   layout.label_column, others));
    }
    layout.classes = result.class_names;
    result.layout = std::move(layout);
  }
  return result;
}

}  // namespace sinew::cli
