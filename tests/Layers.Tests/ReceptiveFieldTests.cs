using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;

namespace IlgpuSpp.Layers.Tests;

/// <summary>Receptive fields against measured ones: which inputs change a response when they are changed.</summary>
public sealed class ReceptiveFieldTests : IDisposable
{
    private const int Rows = 21, Columns = 24;

    private readonly CpuBackend _cpu = new(new CpuOptions { Threads = 1 });

    public void Dispose() => _cpu.Dispose();

    /// <summary>The layers that read maps.</summary>
    public static TheoryData<string> Maps => new(LayerCases.Keys.Where(name => LayerCases.Of(name).Input.Rank == 4));

    [Theory]
    [MemberData(nameof(Maps))]
    public void EveryMapLayer_SaysWhereItsResponsesLie(string name)
    {
        (Layer layer, Shape input) = LayerCases.Of(name);
        if (layer.SelfAndDescendants().Any(inside => inside is Linear or Flatten or GridFlatten or GlobalAveragePool or SpatialPyramidPool))
        {
            Assert.Throws<NotSupportedException>(() => layer.Receptive(ReceptiveField.Pixel));
            return;
        }
        if (name is "conv 3x5/1,2" or "max pool over pixels apart")
        {
            Assert.Contains("along rows", Assert.Throws<NotSupportedException>(() => layer.Receptive(ReceptiveField.Pixel)).Message, StringComparison.Ordinal);
            return;
        }
        ReceptiveField field = layer.Receptive(ReceptiveField.Pixel);
        int[] firsts = [], lasts = [];
        using (var network = new Network(layer, _cpu, seed: 8))
        using (NetworkPass pass = network.Plan(new Shape(1, Rows, Columns, input.Channels), PassMode.Inference))
        {
            float[] before = Output(pass, column: -1, input.Channels);
            Shape output = pass.Output.Shape;
            firsts = [.. Enumerable.Repeat(int.MaxValue, output.Width)];
            lasts = [.. Enumerable.Repeat(-1, output.Width)];
            for (int column = 0; column < Columns; column++)
            {
                float[] after = Output(pass, column, input.Channels);
                for (int i = 0; i < after.Length; i++)
                {
                    if (after[i] == before[i]) continue;
                    int response = i / output.Channels % output.Width;
                    firsts[response] = Math.Min(firsts[response], column);
                    lasts[response] = Math.Max(lasts[response], column);
                }
            }
        }
        int whole = 0;
        for (int response = 0; response < firsts.Length; response++)
        {
            double centre = field.Centre + (double)field.Stride * response, reach = (field.Size - 1) / 2.0;
            // At the borders a window is cut off.
            if (centre - reach < 0 || centre + reach > Columns - 1) continue;
            Assert.Equal((centre - reach, centre + reach), (firsts[response], lasts[response]));
            whole++;
        }
        Assert.True(whole > 2, $"{name}: {whole} whole windows");
    }

    // A whole column is made large, so that it wins maxima and passes rectifiers.
    private static float[] Output(NetworkPass pass, int column, int channels)
    {
        var values = new float[Rows * Columns * channels];
        for (int i = 0; i < values.Length; i++) values[i] = MathF.Sin(i * 1.7f) + (i / channels % Columns == column ? 10 : 0);
        pass.Input.Upload(values);
        pass.Forward();
        return pass.Output.ToArray();
    }
}
