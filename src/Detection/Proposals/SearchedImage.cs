namespace IlgpuSpp.Detection;

/// <summary>The image that is searched: the given one, or a smaller copy of a large one, with the way back for its windows.</summary>
internal sealed class SearchedImage
{
    private readonly double _x, _y;

    private SearchedImage(RgbImage image, RgbImage original)
    {
        Image = image;
        _x = (double)original.Width / image.Width;
        _y = (double)original.Height / image.Height;
    }

    public RgbImage Image { get; }

    /// <summary>Shrinks an image whose longer side is above a bound; 0 for no bound.</summary>
    public static SearchedImage Shrink(RgbImage image, int longestSide)
    {
        int longest = Math.Max(image.Width, image.Height);
        if (longestSide == 0 || longest <= longestSide) return new SearchedImage(image, image);
        double scale = (double)longestSide / longest;
        int width = Math.Max(1, (int)Math.Round(image.Width * scale)), height = Math.Max(1, (int)Math.Round(image.Height * scale));
        return new SearchedImage(ImageResizer.Resize(image, width, height, ResizeFilter.Bilinear), image);
    }

    /// <summary>The windows in the given image. Their outer edges are scaled and rounded, so that the window of all is the window of all.</summary>
    public PixelBox[] Enlarge(IReadOnlyList<RegionExtent> boxes)
    {
        var result = new PixelBox[boxes.Count];
        for (int i = 0; i < result.Length; i++)
        {
            RegionExtent box = boxes[i];
            result[i] = new PixelBox(Math.Round(box.Left * _x), Math.Round(box.Top * _y), Math.Round((box.Right + 1) * _x) - 1, Math.Round((box.Bottom + 1) * _y) - 1);
        }
        return result;
    }
}
