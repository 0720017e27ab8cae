using System.Globalization;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Detection;

namespace IlgpuSpp.Training.Tests;

/// <summary>
/// Images whose windows and the windows' features are written by hand, behind a network of one fully connected layer that reads the features as they are. Windows of
/// different images must differ.
/// </summary>
internal sealed class HandMadeWindows : IWindowFeatures, IProposalMethod, IDisposable
{
    private const int Width = 600, Height = 400;

    private readonly Dictionary<PixelBox, float[]> _features = [];
    private readonly List<AnnotatedImage> _images = [];
    private readonly List<PixelBox[]> _windows = [];

    /// <summary>Windows of a number of features, told apart into a number of outputs.</summary>
    public HandMadeWindows(Backend backend, int length, int outputs = 2)
    {
        Length = length;
        Model = new Model(
            new ModelDescription { Architecture = "hand-made", Options = new ModelOptions { Classes = outputs, Pyramid = [1] } },
            new Sequential(new Conv2d(3, length, 1) { Name = "conv" }, new SpatialPyramidPool(1) { Name = "spp" }, new Linear(length, outputs) { Name = "fc" }), backend, seed: 1);
        Split = new SplitNetwork(Model.Network);
    }

    public Model Model { get; }

    public SplitNetwork Split { get; }

    public int Length { get; }

    public string Name => "hand-made";

    /// <summary>How often each image was opened.</summary>
    public List<int> Opened { get; } = [];

    public DetectionDataset Data(params string[] classes) =>
        new("hand-made", classes, [.. _images], new MemoryImages([.. _images.Select(image => new RgbImage(image.Width, image.Height))]));

    public TrainingImages Images(params string[] classes) => new(Data(classes), this, this, new WarningList());

    /// <summary>Adds an image of at least 600x400 pixels with its objects and its windows; a window's features are the numbers given, zeros behind them.</summary>
    public void Add(IReadOnlyList<AnnotatedObject> objects, params (PixelBox Box, float[] Features)[] windows) => Add(objects, false, windows);

    /// <summary>Adds an image whose objects alone are learnt from; its other windows are proposed to whoever asks.</summary>
    public void AddObjects(IReadOnlyList<AnnotatedObject> objects, params (PixelBox Box, float[] Features)[] windows) => Add(objects, true, windows);

    private void Add(IReadOnlyList<AnnotatedObject> objects, bool objectsOnly, (PixelBox Box, float[] Features)[] windows)
    {
        // Their widths tell images apart.
        _images.Add(new AnnotatedImage(_images.Count.ToString(CultureInfo.InvariantCulture), _images.Count, Width + _images.Count, Height, objects) { ObjectsOnly = objectsOnly });
        _windows.Add([.. windows.Select(window => window.Box)]);
        Opened.Add(0);
        foreach ((PixelBox box, float[] features) in windows) _features[box] = features;
    }

    /// <summary>Features with one number that is not zero.</summary>
    public static float[] Along(int axis, double value = 1)
    {
        var features = new float[axis + 1];
        features[axis] = (float)value;
        return features;
    }

    public IReadOnlyList<PixelBox> Propose(RgbImage image, string file = "") => _windows[int.Parse(file, CultureInfo.InvariantCulture)];

    public IImageWindows Open(RgbImage image)
    {
        Opened[image.Width - Width]++;
        return new Opening(this, image);
    }

    public void Dispose() => Model.Dispose();

    private sealed class Opening(HandMadeWindows owner, RgbImage image) : IImageWindows
    {
        public int Width => image.Width;

        public int Height => image.Height;

        public int Scales => 1;

        public int[] BestScales(IReadOnlyList<PixelBox> boxes) => new int[boxes.Count];

        // Windows that were given the same array lie on the same responses.
        public int[] FirstAlike(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf) =>
            [.. Enumerable.Range(0, boxes.Count).Select(i => Enumerable.Range(0, i + 1).First(first => first == i || owner._features[boxes[first]].Length > 0 && ReferenceEquals(owner._features[boxes[first]], owner._features[boxes[i]])))];

        public void Compute(IReadOnlyList<PixelBox> boxes, IReadOnlyList<int> scaleOf, Tensor rows)
        {
            var values = new float[boxes.Count * owner.Length];
            for (int i = 0; i < boxes.Count; i++) owner._features[boxes[i]].CopyTo(values, i * owner.Length);
            rows.View(new Shape(boxes.Count, owner.Length), 0).Upload(values);
        }

        public void Dispose()
        {
        }
    }
}
