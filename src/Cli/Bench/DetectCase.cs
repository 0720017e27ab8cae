using System.Globalization;

namespace IlgpuSpp.Cli.Bench;

/// <summary>
/// Detection features: the convolutions of ZF-5 on one 688x917 image, then the pyramid of 2000 windows on its map. Windows are
/// read from a file or drawn from a fixed seed; their corners are rounded to the stride-16 map as RoI pooling does.
/// </summary>
internal sealed class DetectCase : IBenchCase
{
    private const int Height = 688, Width = 917, DefaultWindows = 2000, MostWindows = 100_000, Stride = 16, SmallestSide = 20;

    private readonly Backend _backend;
    private readonly Network _network;
    private readonly NetworkPass _pass;
    private readonly Tensor<int> _windows;
    private readonly Tensor _features;
    private readonly Pyramid _pyramid = new([1, 2, 3, 6]);

    public DetectCase(BenchSetup setup)
    {
        _backend = setup.Backend;
        _network = BenchNetworks.Zf5Convolutions(setup.Backend);
        _pass = _network.Plan(new Shape(1, Height, Width, 3), PassMode.Inference);
        _backend.FillNormal(_pass.Input, 0, 1, new RandomKey(1, 1, 0));
        int[] rows = Rows(Boxes(setup.Windows), _pass.Output.Shape);
        _windows = _backend.Allocate<int>(new Shape(rows.Length / 5, 5));
        _backend.Upload(rows, _windows);
        _features = _backend.Allocate(ShapeRules.WindowPyramidPool(_pass.Output.Shape, _windows.Shape, _pyramid));
    }

    public int Images => 1;

    public void Run()
    {
        _pass.Forward();
        _backend.WindowPyramidForward(_pass.Output, _windows, _features, null, _pyramid);
    }

    public void Dispose()
    {
        _features.Dispose();
        _windows.Dispose();
        _pass.Dispose();
        _network.Dispose();
    }

    private static PixelBox[] Boxes(string? windows)
    {
        if (windows is null) return Drawn(DefaultWindows);
        return int.TryParse(windows, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= MostWindows ? Drawn(count) : Read(windows);
    }

    private static PixelBox[] Drawn(int count)
    {
        var random = new RandomStream(new RandomKey(1, 3, 0));
        var boxes = new PixelBox[count];
        for (int i = 0; i < boxes.Length; i++)
        {
            (int left, int right) = Side(Width);
            (int top, int bottom) = Side(Height);
            boxes[i] = new PixelBox(left, top, right, bottom);
        }
        return boxes;

        (int Start, int End) Side(int pixels)
        {
            int a = random.NextInt(pixels), b = random.NextInt(pixels);
            int low = Math.Min(a, b), high = Math.Max(a, b);
            return high - low < SmallestSide ? (low, Math.Min(pixels - 1, low + SmallestSide)) : (low, high);
        }
    }

    private static PixelBox[] Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        var boxes = new PixelBox[lines.Length];
        for (int i = 0; i < lines.Length; i++)
        {
            double[] corners = [.. lines[i].Split(',').Select(text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN)];
            if (corners.Length != 4 || corners.Any(double.IsNaN)) throw new FormatException($"{path}, line {i + 1}: four numbers x1,y1,x2,y2 are expected.");
            boxes[i] = new PixelBox(corners[0], corners[1], corners[2], corners[3]);
        }
        return boxes;
    }

    private static int[] Rows(PixelBox[] boxes, Shape map)
    {
        var rows = new int[boxes.Length * 5];
        for (int i = 0; i < boxes.Length; i++)
        {
            (rows[5 * i + 1], rows[5 * i + 3]) = Side(boxes[i].Top, boxes[i].Bottom, map.Height);
            (rows[5 * i + 2], rows[5 * i + 4]) = Side(boxes[i].Left, boxes[i].Right, map.Width);
        }
        return rows;

        (int Start, int End) Side(double first, double last, int elements)
        {
            int start = Math.Clamp((int)Math.Round(first / Stride), 0, elements - 1);
            return (start, Math.Clamp((int)Math.Round(last / Stride) + 1, start + 1, elements));
        }
    }
}
