#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace sinew::io {

/// Spans of time in the JSON array format that chrome://tracing and Perfetto read ("Trace Event
/// Format", complete events "X"). Spans of one process and thread nest by their times.
class ChromeTrace {
 public:
  using Clock = std::chrono::steady_clock;
  struct Span {
    std::string name;
    std::string category;
    Clock::time_point begin;
    Clock::time_point end;
    /// Shown when the span is selected.
    std::vector<std::pair<std::string, double>> numbers = {};
    std::vector<std::pair<std::string, std::string>> words = {};
  };

  explicit ChromeTrace(std::string process) : process_(std::move(process)) {}
  void add(Span span) { spans_.push_back(std::move(span)); }
  std::size_t size() const { return spans_.size(); }
  /// Times are microseconds since the earliest span, outer spans before inner ones.
  std::string str() const;
  /// Whole or not at all; throws FileError.
  void write(const std::string& path) const;

 private:
  std::string process_;
  std::vector<Span> spans_;
};

}  // namespace sinew::io
