namespace IlgpuSpp.Engine;

/// <summary>A map is too small for a window that has to fit into it.</summary>
public sealed class InputTooSmallException : IlgpuSppException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="operation">The operation or network that refuses the input.</param>
    /// <param name="height">Height of the input in pixels or map rows.</param>
    /// <param name="width">Width of the input in pixels or map columns.</param>
    /// <param name="minimumHeight">Smallest height that works.</param>
    /// <param name="minimumWidth">Smallest width that works.</param>
    public InputTooSmallException(string operation, int height, int width, int minimumHeight, int minimumWidth)
        : base($"{operation}: an input of {width}x{height} is too small; the smallest that works is {minimumWidth}x{minimumHeight} (width x height).")
    {
        Operation = operation;
        Height = height;
        Width = width;
        MinimumHeight = minimumHeight;
        MinimumWidth = minimumWidth;
    }

    /// <summary>The operation or network that refuses the input.</summary>
    public string Operation { get; }

    /// <summary>Height of the refused input.</summary>
    public int Height { get; }

    /// <summary>Width of the refused input.</summary>
    public int Width { get; }

    /// <summary>Smallest height that works.</summary>
    public int MinimumHeight { get; }

    /// <summary>Smallest width that works.</summary>
    public int MinimumWidth { get; }
}
