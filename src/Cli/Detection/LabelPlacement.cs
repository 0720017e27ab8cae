namespace IlgpuSpp.Cli.Detection;

/// <summary>Finds places for the names of boxes: beside their box, off the others and off each other, as far as there is room.</summary>
internal static class LabelPlacement
{
    // What a place costs: lying on another name, hiding a whole object, lying on a box at all, and each of the name's heights away from its own box.
    private const double OnName = 100, HidesObject = 8, OnBox = 0.6, Away = 0.25;

    // Beyond this the places beside the box are not good enough, and all over the image better ones are looked for.
    private const double GoodEnough = 0.5;

    private const int ScannedPlaces = 48;

    /// <summary>Places names in the order of their boxes: the first choose first.</summary>
    /// <param name="width">Width of the image.</param>
    /// <param name="height">Height of the image.</param>
    /// <param name="boxes">The boxes.</param>
    /// <param name="names">Width and height of each box's name.</param>
    /// <returns>The upper left corners; inside the image where the name is not larger than it.</returns>
    public static IReadOnlyList<(int Left, int Top)> Place(int width, int height, IReadOnlyList<PixelBox> boxes, IReadOnlyList<(int Width, int Height)> names)
    {
        var taken = new List<PixelBox>();
        var places = new List<(int, int)>();
        for (int i = 0; i < boxes.Count; i++)
        {
            PixelBox own = boxes[i];
            (int wide, int high) = names[i];
            int order = 0;
            (double Cost, int Left, int Top) best = (double.PositiveInfinity, 0, 0);
            foreach ((double left, double top) in Beside(own, wide, high)) Try((int)Math.Round(left), (int)Math.Round(top), 0.01 * order++);
            if (best.Cost > GoodEnough)
                for (int y = 0; y <= ScannedPlaces; y++)
                    for (int x = 0; x <= ScannedPlaces; x++)
                        Try(x * (width - wide) / ScannedPlaces, y * (height - high) / ScannedPlaces, 0.2);
            taken.Add(new PixelBox(best.Left, best.Top, best.Left + wide, best.Top + high));
            places.Add((best.Left, best.Top));

            void Try(int left, int top, double cost)
            {
                left = Math.Clamp(left, 0, Math.Max(0, width - wide));
                top = Math.Clamp(top, 0, Math.Max(0, height - high));
                var place = new PixelBox(left, top, left + wide, top + high);
                double area = (double)wide * high;
                cost += Away * Gap(place, own) / high;
                foreach (PixelBox other in taken) cost += OnName * Shared(place, other) / area;
                foreach (PixelBox box in boxes)
                {
                    double shared = Shared(place, box);
                    if (shared > 0) cost += OnBox * shared / area + HidesObject * shared / ((box.Right - box.Left) * (box.Bottom - box.Top));
                }
                if (cost < best.Cost) best = (cost, left, top);
            }
        }
        return places;
    }

    /// <summary>How far a name is from a box, along the axis on which they are farther apart; 0 where they touch.</summary>
    public static double Gap(PixelBox name, PixelBox box) => Math.Max(
        Math.Max(Math.Max(box.Left - name.Right, name.Left - box.Right), Math.Max(box.Top - name.Bottom, name.Top - box.Bottom)), 0);

    // Above and below at the left and the right end, at the sides above and below, and inside the corners.
    private static IEnumerable<(double Left, double Top)> Beside(PixelBox box, int width, int height) =>
    [
        (box.Left, box.Top - height), (box.Right - width, box.Top - height), (box.Left, box.Bottom), (box.Right - width, box.Bottom),
        (box.Right, box.Top), (box.Left - width, box.Top), (box.Right, box.Bottom - height), (box.Left - width, box.Bottom - height),
        (box.Left, box.Top), (box.Right - width, box.Top), (box.Left, box.Bottom - height), (box.Right - width, box.Bottom - height),
    ];

    private static double Shared(PixelBox a, PixelBox b)
    {
        double width = Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left), height = Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top);
        return width > 0 && height > 0 ? width * height : 0;
    }
}
