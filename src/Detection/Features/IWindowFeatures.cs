namespace IlgpuSpp.Detection;

/// <summary>Gives the windows of images the features that the layers behind a network's pyramid read. Not for several threads at a time.</summary>
public interface IWindowFeatures
{
    /// <summary>The network's parts.</summary>
    SplitNetwork Split { get; }

    /// <summary>Values of a window: bins times channels.</summary>
    int Length { get; }

    /// <summary>Takes up an image.</summary>
    /// <param name="image">The image.</param>
    /// <returns>Its windows; the caller disposes it.</returns>
    /// <exception cref="DataFormatException">The image's sides differ too much.</exception>
    /// <exception cref="InputTooSmallException">The network cannot take images so small.</exception>
    IImageWindows Open(RgbImage image);
}

/// <summary>One image whose windows' features can be asked for.</summary>
public interface IImageWindows : IDisposable
{
    /// <summary>Width of the image in pixels.</summary>
    int Width { get; }

    /// <summary>Height of the image in pixels.</summary>
    int Height { get; }

    /// <summary>At how many scales a window can be seen; 1 where each is brought to one size.</summary>
    int Scales { get; }

    /// <summary>The scale at which each window is seen best.</summary>
    /// <param name="boxes">The windows.</param>
    /// <returns>For each a number from 0 to <see cref="Scales"/> − 1.</returns>
    int[] BestScales(IReadOnlyList<PixelBox> boxes);

    /// <summary>Computes features. A window's values do not depend on the windows beside it; windows of one scale that lie together take the least work.</summary>
    /// <param name="boxes">Windows in pixels of the image, inside it.</param>
    /// <param name="scaleOf">The scale of each.</param>
    /// <param name="rows">Receives the features on the device, <c>[boxes or more, length]</c>, in the order of the boxes.</param>
    void Compute(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf, Tensor rows);

    /// <summary>Which windows have the same features because they show the same, such as those on the same responses of one map.</summary>
    /// <param name="boxes">Windows in pixels of the image, inside it.</param>
    /// <param name="scaleOf">The scale of each.</param>
    /// <returns>For each the position of the first window that has its features: its own where none before has.</returns>
    int[] FirstAlike(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf);

    /// <summary>Orders windows so that those of one best scale lie together.</summary>
    /// <param name="boxes">The windows.</param>
    OrderedWindows Order(IReadOnlyList<PixelBox> boxes) => Order(boxes, BestScales(boxes));

    /// <summary>Orders windows so that those of one scale lie together.</summary>
    /// <param name="boxes">The windows.</param>
    /// <param name="scaleOf">The scale of each.</param>
    OrderedWindows Order(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf) => new(boxes, scaleOf, FirstAlike(boxes, scaleOf));
}

/// <summary>Windows of an image in the order of their scales, in which their features take the least work; those that have the same features share a row of them.</summary>
public sealed class OrderedWindows
{
    private readonly PixelBox[] _rowBoxes;
    private readonly int[] _rowScales;

    /// <summary>Orders windows.</summary>
    /// <param name="boxes">The windows.</param>
    /// <param name="scaleOf">The scale of each.</param>
    /// <param name="firstAlike">For each the position of the first window that has its features.</param>
    internal OrderedWindows(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf, IReadOnlyList<int> firstAlike)
    {
        int[] order = [.. Enumerable.Range(0, boxes.Count).OrderBy(i => scaleOf[i])];
        Positions = order;
        Boxes = [.. order.Select(i => boxes[i])];
        int[] rowOf = new int[boxes.Count], firsts = [.. order.Where(i => firstAlike[i] == i)];
        for (int row = 0; row < firsts.Length; row++) rowOf[firsts[row]] = row;
        RowOf = [.. order.Select(i => rowOf[firstAlike[i]])];
        _rowBoxes = [.. firsts.Select(i => boxes[i])];
        _rowScales = [.. firsts.Select(i => scaleOf[i])];
    }

    /// <summary>For each window its position among those given.</summary>
    public IReadOnlyList<int> Positions { get; }

    /// <summary>The windows.</summary>
    public IReadOnlyList<PixelBox> Boxes { get; }

    /// <summary>For each window the row of its features.</summary>
    public IReadOnlyList<int> RowOf { get; }

    /// <summary>Rows of features in all; as many as windows where each has its own.</summary>
    public int Rows => _rowBoxes.Length;

    /// <summary>Computes a run of rows.</summary>
    /// <param name="image">The windows' image.</param>
    /// <param name="start">The first row.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="rows">Receives the features on the device, <c>[count or more, length]</c>.</param>
    public void Compute(IImageWindows image, int start, int count, Tensor rows) => image.Compute(_rowBoxes[start..(start + count)], _rowScales[start..(start + count)], rows);
}
