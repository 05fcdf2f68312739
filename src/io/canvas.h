#pragma once

#include <cairo/cairo.h>

#include <memory>
#include <string>

namespace sinew::io {

struct Colour {
  double red, green, blue;
};

/// A white picture that is written whole when it is done: as SVG where the path ends in .svg,
/// otherwise as PNG.
class Canvas {
 public:
  Canvas(std::string path, int width, int height);
  ~Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  cairo_t* get() const { return context_; }
  void colour(Colour colour) {
    cairo_set_source_rgb(context_, colour.red, colour.green, colour.blue);
  }
  void line(double x0, double y0, double x1, double y1);
  /// Text whose anchor point is at a share of its width: 0 left, 0.5 middle, 1 right.
  void text(const std::string& text, double x, double y, double size, double anchor = 0);
  double text_width(const std::string& text, double size);
  /// Throws FileError naming the path.
  void write();

 private:
  std::string path_;
  /// An SVG file's text, as Cairo writes it.
  std::string svg_;
  cairo_surface_t* surface_;
  cairo_t* context_;
};

}  // namespace sinew::io
