#include "io/chrome_trace.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sinew/io/file.h"

namespace sinew::io {

using Json = nlohmann::ordered_json;

namespace {

double microseconds(ChromeTrace::Clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

Json as_json(const ChromeTrace::Span& span, ChromeTrace::Clock::time_point start) {
  Json json = {{"name", span.name},
               {"cat", span.category},
               {"ph", "X"},
               {"ts", microseconds(span.begin - start)},
               {"dur", microseconds(span.end - span.begin)},
               {"pid", 1},
               {"tid", 1}};
  for (const auto& [name, value] : span.numbers) json["args"][name] = value;
  for (const auto& [name, value] : span.words) json["args"][name] = value;
  return json;
}

}  // namespace

std::string ChromeTrace::str() const {
  std::vector<const Span*> order;
  for (const Span& span : spans_) order.push_back(&span);
  std::stable_sort(order.begin(), order.end(), [](const Span* a, const Span* b) {
    return a->begin != b->begin ? a->begin < b->begin : a->end > b->end;
  });
  std::string text = "[\n";
  text += Json({{"name", "process_name"},
                {"ph", "M"},
                {"pid", 1},
                {"tid", 1},
                {"args", {{"name", process_}}}})
              .dump();
  for (const Span* span : order) text += ",\n" + as_json(*span, order.front()->begin).dump();
  return text + "\n]\n";
}

void ChromeTrace::write(const std::string& path) const { write_file(path, str()); }

}  // namespace sinew::io
