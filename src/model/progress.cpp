#include "model/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cmath>

#include "sinew/model/arguments.h"

namespace sinew::model {
namespace {

constexpr int kBarWidth = 20;
constexpr double kSecondsBetweenDraws = 0.05;

/// A line of text in a fixed buffer; what does not fit is left out.
class Line {
 public:
  template <typename... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    const auto result = fmt::format_to_n(text_.data() + length_, text_.size() - length_, format,
                                         std::forward<Arguments>(arguments)...);
    length_ = std::min(text_.size(), length_ + result.size);
  }
  std::string_view view() const { return {text_.data(), length_}; }

 private:
  std::array<char, 2048> text_;
  std::size_t length_ = 0;
};

void add_duration(Line& line, double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole >= 3600) {
    line.add("{}:{:02}:{:02}", whole / 3600, whole % 3600 / 60, whole % 60);
  } else if (whole >= 60) {
    line.add("{}:{:02}", whole / 60, whole % 60);
  } else {
    line.add("{}s", whole);
  }
}

void add_step_time(Line& line, double seconds) {
  if (seconds >= 1) {
    line.add("{:.0f}s/step", seconds);
  } else if (seconds >= 1e-2) {
    line.add("{:.0f}ms/step", seconds * 1e3);
  } else if (seconds >= 1e-3) {
    line.add("{:.1f}ms/step", seconds * 1e3);
  } else {
    line.add("{:.0f}us/step", seconds * 1e6);
  }
}

}  // namespace

Progress::Progress(int verbose, std::FILE* output) : output_(output) {
  const bool terminal = isatty(fileno(output)) != 0;
  verbose_ = verbose == kVerboseAuto ? (terminal ? 1 : 2) : verbose;
  live_ = terminal && verbose_ == 1;
}

void Progress::note(const std::string& line) {
  if (verbose_ != 0) fmt::print(output_, "{}\n", line);
}

void Progress::begin_epoch(int epoch, int epochs) {
  epoch_ = epoch;
  epochs_ = epochs;
  if (verbose_ != 1) return;
  fmt::print(output_, "Epoch {}/{}\n", epoch + 1, epochs);
  std::fflush(output_);
}

void Progress::begin_steps(std::int64_t steps, std::int64_t done) {
  steps_ = steps;
  first_ = done_ = done;
  begin_ = std::chrono::steady_clock::now();
  drawn_ = -1;
  width_ = 0;
}

double Progress::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

void Progress::step(std::int64_t done, const Logs& logs) {
  done_ = done;
  if (!live_) return;
  const double now = seconds();
  if (drawn_ >= 0 && now - drawn_ < kSecondsBetweenDraws) return;
  drawn_ = now;
  draw(done, logs, false);
}

void Progress::end(const Logs& logs) {
  if (verbose_ != 0) draw(done_, logs, true);
}

void Progress::draw(std::int64_t done, const Logs& logs, bool final) {
  Line line;
  const double elapsed = seconds();
  const double step_time = elapsed / static_cast<double>(std::max<std::int64_t>(1, done - first_));
  const int digits = static_cast<int>(fmt::formatted_size("{}", steps_));
  // Without a bar an epoch is one line, which says which epoch it is.
  if (verbose_ != 1 && epochs_ > 0) line.add("Epoch {}/{} - ", epoch_ + 1, epochs_);
  line.add("{:>{}}/{} ", done, digits, steps_);
  int columns = 2 * digits + 2;
  if (verbose_ == 1) {
    const auto filled =
        steps_ == 0 ? kBarWidth
                    : static_cast<int>(done * kBarWidth / std::max<std::int64_t>(1, steps_));
    // On a terminal the part that is still to do is grey; a bar in a file is only drawn when it is
    // full.
    for (int i = 0; i < filled; ++i) line.add("━");
    if (live_) line.add("\033[37m");
    for (int i = filled; i < kBarWidth; ++i) line.add("━");
    if (live_) line.add("\033[0m");
    line.add(" ");
    columns += kBarWidth + 1;
  } else {
    line.add("- ");
    columns += 2;
  }
  const std::size_t before = line.view().size();
  // Until the end the time still needed, then the time it took.
  add_duration(line, final ? elapsed : step_time * static_cast<double>(steps_ - done));
  line.add("{}", verbose_ == 1 ? " " : " - ");
  add_step_time(line, step_time);
  for (const auto& [name, value] : logs) {
    if (std::abs(value) > 1e-3) {
      line.add(" - {}: {:.4f}", name, value);
    } else {
      line.add(" - {}: {:.4e}", name, value);
    }
  }
  columns += static_cast<int>(line.view().size() - before);
  // Spaces over what a longer line before has left.
  const int padding = live_ ? std::max(0, width_ - columns) : 0;
  width_ = columns;
  fmt::print(output_, "{}{}{:{}}{}", live_ ? "\r" : "", line.view(), "", padding,
             final ? "\n" : "");
  std::fflush(output_);
}

}  // namespace sinew::model
