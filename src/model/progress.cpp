#include "model/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "sinew/model/arguments.h"

namespace sinew::model {
namespace {

constexpr int kBarWidth = 20;
constexpr double kSecondsBetweenDraws = 0.05;

/// A line of text in a fixed buffer. What does not fit into it, or into the terminal's columns, is
/// left out.
class Line {
 public:
  /// `columns`: of the terminal, 0 without bounds; `styled`: whether colours are asked for.
  Line(int columns, bool styled)
      : columns_left_(columns > 0 ? columns : std::numeric_limits<int>::max()), styled_(styled) {}

  template <typename... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    const std::size_t before = length_;
    const auto result = fmt::format_to_n(text_.data() + length_, text_.size() - length_, format,
                                         std::forward<Arguments>(arguments)...);
    length_ = std::min(text_.size(), length_ + result.size);
    // A character's first byte takes a column; those that continue it take none.
    int columns = 0;
    for (std::size_t i = before; i < length_; ++i) columns += (text_[i] & 0xc0) != 0x80 ? 1 : 0;
    if (columns > columns_left_) {
      // A piece is there whole or not, and no other follows.
      length_ = before;
      columns_left_ = 0;
    } else {
      columns_left_ -= columns;
    }
  }
  void style(std::string_view code) {
    if (!styled_ || length_ + code.size() > text_.size()) return;
    std::copy(code.begin(), code.end(), text_.begin() + static_cast<std::ptrdiff_t>(length_));
    length_ += code.size();
  }
  std::string_view view() const { return {text_.data(), length_}; }

 private:
  std::array<char, 2048> text_;
  std::size_t length_ = 0;
  int columns_left_;
  bool styled_;
};

constexpr std::string_view kBold = "\033[1m", kGreen = "\033[32m", kGrey = "\033[37m",
                           kPlain = "\033[0m";

/// 0 where nothing is known of the terminal. Asked for at each drawing: windows change.
int terminal_columns(std::FILE* output) {
  winsize size{};
  // A character in the last column makes some terminals go to the next line.
  return ::ioctl(fileno(output), TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 0;
}

/// Whether a line can be drawn over itself there.
bool is_terminal(std::FILE* output) {
  const char* kind = std::getenv("TERM");
  return isatty(fileno(output)) != 0 && !(kind && std::string_view(kind) == "dumb");
}

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
  const bool terminal = is_terminal(output);
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
  if (steps_ == kUnknownSteps) steps_ = done_;
  if (verbose_ != 0) draw(done_, logs, true);
}

void Progress::draw(std::int64_t done, const Logs& logs, bool final) {
  // The last line stays, and may be longer than the terminal is wide.
  Line line(live_ && !final ? terminal_columns(output_) : 0, live_);
  const double elapsed = seconds();
  const double step_time = elapsed / static_cast<double>(std::max<std::int64_t>(1, done - first_));
  // Without a bar an epoch is one line, which says which epoch it is.
  if (verbose_ != 1 && epochs_ > 0) line.add("Epoch {}/{} - ", epoch_ + 1, epochs_);
  line.style(kBold);
  if (steps_ == kUnknownSteps) {
    line.add("{:7}/Unknown", done);
  } else {
    line.add("{:>{}}/{}", done, fmt::formatted_size("{}", steps_), steps_);
  }
  line.style(kPlain);
  const bool bar = verbose_ == 1 && steps_ != kUnknownSteps;
  if (bar) {
    const auto filled =
        steps_ == 0 ? kBarWidth
                    : static_cast<int>(done * kBarWidth / std::max<std::int64_t>(1, steps_));
    line.add(" ");
    line.style(kGreen);
    for (int i = 0; i < filled; ++i) line.add("━");
    line.style(kPlain);
    // On a terminal the part that is still to do is grey; a bar in a file is only drawn when it is
    // full.
    line.style(kGrey);
    for (int i = filled; i < kBarWidth; ++i) line.add("━");
    line.style(kPlain);
  }
  line.add("{}", verbose_ == 1 ? " " : " - ");
  // Until the end the time still needed, then the time it took.
  line.style(kBold);
  const bool remaining = !final && steps_ != kUnknownSteps;
  add_duration(line, remaining ? step_time * static_cast<double>(steps_ - done) : elapsed);
  line.style(kPlain);
  line.add("{}", verbose_ == 1 ? " " : " - ");
  add_step_time(line, step_time);
  for (const auto& [name, value] : logs) {
    if (std::abs(value) > 1e-3) {
      line.add(" - {}: {:.4f}", name, value);
    } else {
      line.add(" - {}: {:.4e}", name, value);
    }
  }
  fmt::print(output_, "{}{}{}{}", live_ ? "\r" : "", line.view(), live_ ? "\033[K" : "",
             final ? "\n" : "");
  std::fflush(output_);
}

}  // namespace sinew::model
