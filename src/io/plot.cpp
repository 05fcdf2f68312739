#include "sinew/io/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "io/canvas.h"
#include "sinew/base/error.h"

namespace sinew::io {
namespace {

constexpr Colour kInk = {0.13, 0.16, 0.20};
constexpr Colour kGrid = {0.88, 0.89, 0.91};
constexpr Colour kRight = {0.10, 0.45, 0.25};
constexpr Colour kWrong = {0.80, 0.15, 0.15};
constexpr Colour kLines[] = {
    {0.12, 0.40, 0.70}, {0.90, 0.45, 0.10}, {0.20, 0.60, 0.35}, {0.60, 0.30, 0.65}};

/// A range with ticks at multiples of 1, 2 or 5 times a power of ten (Heckbert, "Nice numbers for
/// graph labels", 1990).
struct Axis {
  double low, high, step;

  Axis(double from, double to, int ticks) : low(from), high(to) {
    if (!(high > low)) high = low + (low == 0 ? 1 : std::abs(low) * 0.1);
    const double rough = (high - low) / ticks;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    const double share = rough / power;
    step = (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10) * power;
  }
  double first_tick() const { return std::ceil(low / step - 1e-9) * step; }
  double place(double value) const { return (value - low) / (high - low); }
};

struct Box {
  double x, y, width, height;
};

/// Where a series' values lie along the horizontal axis.
double place_of(const Panel& panel, const Series& series, std::size_t i) {
  const double x = series.x.empty() ? static_cast<double>(i + 1) : series.x.at(i);
  return panel.log_x ? std::log10(x) : x;
}

/// Panels' coordinates.
struct Frame {
  Axis horizontal, vertical;
  Box box;

  double x(double value) const { return box.x + horizontal.place(value) * box.width; }
  double y(double value) const { return box.y + (1 - vertical.place(value)) * box.height; }
};

Frame frame_of(const Panel& panel, const Box& box) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double low = kInfinity, high = -kInfinity, left = kInfinity, right = -kInfinity;
  for (const Series& series : panel.series) {
    for (std::size_t i = 0; i < series.values.size(); ++i) {
      const double value = series.values[i];
      if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
      left = std::min(left, place_of(panel, series, i));
      right = std::max(right, place_of(panel, series, i));
    }
  }
  if (!(low <= high)) low = 0, high = 1;
  if (!(left <= right)) left = right = 1;
  if (left == right) right = left + 1;
  const double margin = (high - low) * 0.06;
  return {Axis(left, right, 8), Axis(low - margin, high + margin, 6), box};
}

void draw_axes(Canvas& canvas, const Panel& panel, const Frame& frame) {
  const Box& box = frame.box;
  const Axis& vertical = frame.vertical;
  cairo_set_line_width(canvas.get(), 1);
  for (double tick = vertical.first_tick(); tick <= vertical.high + 1e-12; tick += vertical.step) {
    const double y = frame.y(tick);
    canvas.colour(kGrid);
    canvas.line(box.x, std::round(y) + 0.5, box.x + box.width, std::round(y) + 0.5);
    canvas.colour(kInk);
    canvas.text(fmt::format("{:.4g}", std::abs(tick) < vertical.step * 1e-6 ? 0.0 : tick),
                box.x - 8, y + 4, 12, 1);
  }
  // Epochs, steps and powers of ten are whole.
  const double step = std::max(1.0, std::round(frame.horizontal.step));
  for (double tick = std::ceil(frame.horizontal.low - 1e-9); tick <= frame.horizontal.high + 1e-9;
       tick += step) {
    const double x = frame.x(tick);
    canvas.colour(kInk);
    canvas.line(std::round(x) + 0.5, box.y + box.height, std::round(x) + 0.5,
                box.y + box.height + 5);
    canvas.text(panel.log_x ? fmt::format("{:g}", std::pow(10.0, tick)) : fmt::format("{:g}", tick),
                x, box.y + box.height + 19, 12, 0.5);
  }
  canvas.colour(kInk);
  canvas.line(box.x, box.y + box.height + 0.5, box.x + box.width, box.y + box.height + 0.5);
  canvas.text(panel.title, box.x, box.y - 14, 17);
  canvas.text(panel.x_label, box.x + box.width / 2, box.y + box.height + 38, 13, 0.5);
  if (!panel.marked) return;
  const double x = frame.x(panel.log_x ? std::log10(*panel.marked) : *panel.marked);
  canvas.colour(kWrong);
  canvas.line(x, box.y, x, box.y + box.height);
  canvas.text(fmt::format("{:.2g}", *panel.marked), x + 5, box.y + 12, 13);
}

void draw_series(Canvas& canvas, const Panel& panel, const Series& series, const Frame& frame) {
  const auto point = [&](std::size_t i) {
    return std::pair(frame.x(place_of(panel, series, i)), frame.y(series.values[i]));
  };
  bool drawing = false;
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    if (!std::isfinite(series.values[i])) {
      drawing = false;
      continue;
    }
    const auto [x, y] = point(i);
    drawing ? cairo_line_to(canvas.get(), x, y) : cairo_move_to(canvas.get(), x, y);
    drawing = true;
  }
  cairo_stroke(canvas.get());
  for (std::size_t i = 0; i < series.values.size() && series.values.size() <= 40; ++i) {
    if (!std::isfinite(series.values[i])) continue;
    const auto [x, y] = point(i);
    cairo_arc(canvas.get(), x, y, 3, 0, 2 * M_PI);
    cairo_fill(canvas.get());
  }
}

void draw_panel(Canvas& canvas, const Panel& panel, const Box& box) {
  const Frame frame = frame_of(panel, box);
  draw_axes(canvas, panel, frame);
  cairo_set_line_width(canvas.get(), 2.2);
  cairo_set_line_join(canvas.get(), CAIRO_LINE_JOIN_ROUND);
  double legend = box.x + box.width;
  for (std::size_t s = panel.series.size(); s-- > 0;) {
    const Series& series = panel.series[s];
    canvas.colour(kLines[s % std::size(kLines)]);
    draw_series(canvas, panel, series, frame);
    legend -= canvas.text_width(series.name, 13);
    canvas.text(series.name, legend, box.y - 14, 13);
    canvas.line(legend - 26, box.y - 18, legend - 6, box.y - 18);
    legend -= 44;
  }
}

/// The largest whole magnification that makes an image about this tall.
constexpr int kImageHeight = 84;

void draw_image(Canvas& canvas, const float* pixels, std::int64_t rows, std::int64_t columns,
                double x, double y, int scale) {
  cairo_surface_t* image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(columns),
                                                      static_cast<int>(rows));
  cairo_surface_flush(image);
  const int stride = cairo_image_surface_get_stride(image);
  unsigned char* data = cairo_image_surface_get_data(image);
  for (std::int64_t i = 0; i < rows; ++i) {
    auto* row = reinterpret_cast<std::uint32_t*>(data + i * stride);
    for (std::int64_t j = 0; j < columns; ++j) {
      // Dark on white, as ink.
      const double shade = 1.0 - std::clamp(static_cast<double>(pixels[i * columns + j]), 0.0, 1.0);
      const auto grey = static_cast<std::uint32_t>(std::lround(shade * 255));
      row[j] = grey << 16 | grey << 8 | grey;
    }
  }
  cairo_surface_mark_dirty(image);
  cairo_save(canvas.get());
  cairo_translate(canvas.get(), x, y);
  cairo_scale(canvas.get(), scale, scale);
  cairo_set_source_surface(canvas.get(), image, 0, 0);
  cairo_pattern_set_filter(cairo_get_source(canvas.get()), CAIRO_FILTER_NEAREST);
  cairo_paint(canvas.get());
  cairo_restore(canvas.get());
  cairo_surface_destroy(image);
}

}  // namespace

void plot_curves(const std::string& path, const std::vector<Panel>& panels) {
  constexpr double kWidth = 560;
  constexpr double kHeight = 400;
  Canvas canvas(
      path, static_cast<int>(kWidth * static_cast<double>(std::max<std::size_t>(1, panels.size()))),
      static_cast<int>(kHeight));
  for (std::size_t i = 0; i < panels.size(); ++i) {
    draw_panel(canvas, panels[i],
               {kWidth * static_cast<double>(i) + 70, 55, kWidth - 100, kHeight - 115});
  }
  canvas.write();
}

void plot_image_grid(const std::string& path, const Tensor& images,
                     const std::vector<Caption>& captions, int columns) {
  if (images.shape().rank() != 3 ||
      images.shape()[0] != static_cast<std::int64_t>(captions.size())) {
    throw ShapeError(fmt::format(
        "plot_image_grid: images of shape {} with {} captions; (N, H, W) and N are needed",
        images.shape().str(), captions.size()));
  }
  const std::int64_t height = images.shape()[1];
  const std::int64_t width = images.shape()[2];
  const int scale =
      static_cast<int>(std::max<std::int64_t>(1, kImageHeight / std::max<std::int64_t>(1, height)));
  const int cell_width = std::max(static_cast<int>(width) * scale + 16, 136);
  const int cell_height = static_cast<int>(height) * scale + 44;
  const int count = static_cast<int>(captions.size());
  const int rows = (count + columns - 1) / columns;
  Canvas canvas(path, columns * cell_width + 16, rows * cell_height + 16);
  for (int i = 0; i < count; ++i) {
    const double x = 8 + i % columns * cell_width;
    const double y = 8 + i / columns * cell_height;
    const float* pixels = images.data<float>().data() + i * height * width;
    draw_image(canvas, pixels, height, width,
               x + (cell_width - static_cast<double>(width) * scale) / 2, y + 4, scale);
    const Caption& caption = captions[static_cast<std::size_t>(i)];
    canvas.colour(caption.right ? kRight : kWrong);
    // Long captions shrink to fit their cell.
    const double full = canvas.text_width(caption.text, 12);
    const double size = std::min(12.0, 12.0 * (cell_width - 8) / std::max(1.0, full));
    canvas.text(caption.text, x + cell_width / 2.0, y + static_cast<double>(height) * scale + 22,
                size, 0.5);
  }
  canvas.write();
}

}  // namespace sinew::io
