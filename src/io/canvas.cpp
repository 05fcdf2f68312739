#include "io/canvas.h"

#include <cairo/cairo-svg.h>
#include <fmt/format.h>

#include "io/png_writer.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew::io {
namespace {

cairo_status_t append(void* to, const unsigned char* data, unsigned length) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

Canvas::Canvas(std::string path, int width, int height)
    : path_(std::move(path)),
      surface_(path_.ends_with(".svg")
                   ? cairo_svg_surface_create_for_stream(append, &svg_, width, height)
                   : cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)),
      context_(cairo_create(surface_)) {
  colour({1, 1, 1});
  cairo_paint(context_);
  cairo_select_font_face(context_, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
}

Canvas::~Canvas() {
  cairo_destroy(context_);
  cairo_surface_destroy(surface_);
}

void Canvas::line(double x0, double y0, double x1, double y1) {
  cairo_move_to(context_, x0, y0);
  cairo_line_to(context_, x1, y1);
  cairo_stroke(context_);
}

void Canvas::text(const std::string& text, double x, double y, double size, double anchor) {
  cairo_set_font_size(context_, size);
  cairo_text_extents_t extents;
  cairo_text_extents(context_, text.c_str(), &extents);
  cairo_move_to(context_, x - anchor * extents.x_advance, y);
  cairo_show_text(context_, text.c_str());
}

double Canvas::text_width(const std::string& text, double size) {
  cairo_set_font_size(context_, size);
  cairo_text_extents_t extents;
  cairo_text_extents(context_, text.c_str(), &extents);
  return extents.x_advance;
}

void Canvas::write() {
  if (!path_.ends_with(".svg")) return write_file(path_, png_of(surface_, path_));
  cairo_surface_finish(surface_);
  const cairo_status_t status = cairo_surface_status(surface_);
  if (status != CAIRO_STATUS_SUCCESS)
    throw FileError(fmt::format("{}: cannot draw: {}", path_, cairo_status_to_string(status)));
  write_file(path_, svg_);
}

}  // namespace sinew::io
