namespace IlgpuSpp.Data;

/// <summary>The order of a network's input channels.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red: networks trained with Caffe or OpenCV.</summary>
    Bgr,
}
