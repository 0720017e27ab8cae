using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace IlgpuSpp.Peers;

/// <summary>ONNX Runtime on what 'ilgpuspp models export' wrote.</summary>
internal static class OnnxCases
{
    public static Action Forward(string file, Options options)
    {
        InferenceSession session = Open(file, options);
        string input = session.InputMetadata.Keys.First();
        int[] extents = session.InputMetadata[input].Dimensions;
        if (options.Size != 0) extents[^2] = extents[^1] = options.Size;
        var values = new DenseTensor<float>([options.Batch, 3, extents[^2], extents[^1]]);
        var random = new Random(1);
        for (int i = 0; i < values.Length; i++) values.SetValue(i, (float)(2 * random.NextDouble() - 1));
        NamedOnnxValue[] inputs = [NamedOnnxValue.CreateFromTensor(input, values)];
        return () => session.Run(inputs).Dispose();
    }

    /// <summary>The best class of one image: the middle of the image whose smaller side was resized.</summary>
    public static string Predict(string file, Options options)
    {
        using InferenceSession session = Open(file, options);
        string input = session.InputMetadata.Keys.First();
        int side = session.InputMetadata[input].Dimensions[^1];
        using Image<Rgb24> image = Image.Load<Rgb24>(options.Image);
        image.Mutate(picture => picture.Resize(new ResizeOptions { Size = new Size(side, side), Mode = ResizeMode.Crop }));
        var values = new DenseTensor<float>([1, 3, side, side]);
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                Rgb24 pixel = image[x, y];
                (values[0, 0, y, x], values[0, 1, y, x], values[0, 2, y, x]) = ((pixel.R - 128f) / 64, (pixel.G - 128f) / 64, (pixel.B - 128f) / 64);
            }
        }
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = session.Run([NamedOnnxValue.CreateFromTensor(input, values)]);
        float[] scores = outputs[0].AsEnumerable<float>().ToArray();
        int best = Array.IndexOf(scores, scores.Max());
        return string.Create(CultureInfo.InvariantCulture, $"class {best}: {scores[best]:F3}");
    }

    private static InferenceSession Open(string file, Options options)
    {
        using var settings = new SessionOptions { IntraOpNumThreads = options.Threads, GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL };
        return new InferenceSession(file, settings);
    }
}
