using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace IlgpuSpp.Models.Tests.Onnx;

/// <summary>Runs networks in ONNX Runtime, the independent reader whose outputs count.</summary>
internal static class OnnxRuntime
{
    /// <summary>The first output for one image.</summary>
    /// <param name="network">The file.</param>
    /// <param name="image">The image, <c>[3, height, width]</c>.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    public static float[] Run(string network, float[] image, int height, int width) => Run(network, image, [1, 3, height, width]);

    /// <summary>The first output for one input of any shape.</summary>
    public static float[] Run(string network, float[] input, int[] extents)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 2, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(network, options);
        return Run(session, input, extents);
    }

    public static float[] Run(InferenceSession session, float[] image, int height, int width) => Run(session, image, [1, 3, height, width]);

    private static float[] Run(InferenceSession session, float[] input, int[] extents)
    {
        string name = session.InputMetadata.Keys.Single();
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = session.Run([NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(input, extents))]);
        return [.. outputs[0].AsEnumerable<float>()];
    }

    /// <summary>Two outputs agree: the largest difference is small beside the largest value.</summary>
    public static void AssertClose(float[] expected, float[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Max(value => Math.Abs((double)value));
        Assert.True(largest > 1e-6, $"{what}: all outputs are 0");
        double difference = expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max();
        Assert.True(difference <= tolerance * largest, $"{what}: {difference} apart, the largest value is {largest}");
    }
}
