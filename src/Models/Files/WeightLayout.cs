using IlgpuSpp.Engine;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Models;

/// <summary>Brings parameters from their order in memory into the order of model files and back.</summary>
internal static class WeightLayout
{
    /// <summary>Shape of a parameter in files.</summary>
    public static Shape FileShape(Parameter parameter)
    {
        Shape shape = parameter.Shape;
        return parameter.Layout == FileLayout.ConvolutionWeights ? new Shape(shape[3], shape[2], shape[0], shape[1]) : shape;
    }

    /// <summary><c>[kh, kw, in, out]</c> → <c>[out, in, kh, kw]</c>, or a copy for plain parameters.</summary>
    public static float[] ToFile(Parameter parameter, float[] values)
    {
        if (parameter.Layout != FileLayout.ConvolutionWeights) return values;
        return Transpose(values, parameter.Shape[0] * parameter.Shape[1], parameter.Shape[2], parameter.Shape[3], toFile: true);
    }

    /// <summary><c>[out, in, kh, kw]</c> → <c>[kh, kw, in, out]</c>, or the values themselves for plain parameters.</summary>
    public static float[] FromFile(Parameter parameter, float[] values)
    {
        if (parameter.Layout != FileLayout.ConvolutionWeights) return values;
        return Transpose(values, parameter.Shape[0] * parameter.Shape[1], parameter.Shape[2], parameter.Shape[3], toFile: false);
    }

    private static float[] Transpose(float[] source, int taps, int inputs, int outputs, bool toFile)
    {
        var target = new float[source.Length];
        for (int tap = 0; tap < taps; tap++)
            for (int input = 0; input < inputs; input++)
                for (int output = 0; output < outputs; output++)
                {
                    int memory = (tap * inputs + input) * outputs + output, file = (output * inputs + input) * taps + tap;
                    if (toFile) target[file] = source[memory];
                    else target[memory] = source[file];
                }
        return target;
    }
}
