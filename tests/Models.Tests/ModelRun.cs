namespace IlgpuSpp.Models.Tests;

/// <summary>Runs a model on values in the order of other frameworks.</summary>
internal static class ModelRun
{
    /// <summary>The output for one image <c>[3, height, width]</c>.</summary>
    public static float[] Scores(Model model, float[] planes, int height, int width) => Scores(model.Network, planes, height, width);

    public static float[] Scores(Network network, float[] planes, int height, int width)
    {
        var pixels = new float[planes.Length];
        for (int channel = 0; channel < 3; channel++)
            for (int i = 0; i < height * width; i++)
                pixels[i * 3 + channel] = planes[channel * height * width + i];
        using NetworkPass pass = network.Plan(new Shape(1, height, width, 3), PassMode.Inference);
        pass.Input.Upload(pixels);
        pass.Forward();
        return pass.Output.ToArray();
    }
}
